/**
 * Every find goes through both filters. One that does not say whose rows it wants fails, as the tenant has no default;
 * the few that look across tenants switch it off by name.
 */
export const tenantFilters = {
  tenant: { name: 'tenant', cond: ({ tenantId }: { tenantId: string }) => ({ tenantId }), default: true },
};

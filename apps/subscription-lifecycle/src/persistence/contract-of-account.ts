/** Whether a billing contract is one of the tenant account that the provider account of subscription `s` is linked to, in SQL. */
export const contractFits = (contract: string): string => `exists (
  select from billing_contracts c join account_links l using (tenant_id, tenant_account_id)
    join provider_accounts a on a.tenant_id = l.tenant_id and a.id = l.provider_account_id
  where c.tenant_id = s.tenant_id and c.id = ${contract} and a.connector_id = s.connector_id and a.cmp_account_id = s.cmp_account_id)`;

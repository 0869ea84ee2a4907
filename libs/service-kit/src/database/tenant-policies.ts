import { type EntityMetadata, p } from '@mikro-orm/core';

/** Tables in which no tenant has anything, so that everybody in the service may use them. */
export const tablesWithoutTenant: Readonly<Record<string, string>> = {
  inbox: 'ids of handled messages, without their contents',
  outbox_relay: 'one row: how far the relay has got',
  key_ring_instances: 'ids of processes and of their keys, but no keys and no sealed data',
};

/** Tables that hold data of tenants without saying whose: only jobs over all tenants may use them. */
export const tablesOfNoTenant: Readonly<Record<string, string>> = {
  parked_messages: 'messages of any tenant, some so malformed that their tenant cannot be determined',
};

/** The tenant of the transaction; null when none was set, which equals no row's. */
export const currentTenantSql = `nullif(current_setting('isthmus.tenant', true), '')::uuid`;

/** The property of an entity whose rows get the tenant of their transaction by themselves. */
export const tenantOfTransaction = () => p.uuid().defaultRaw(currentTenantSql);

const tenantPolicy = { name: 'tenant', using: `tenant_id = ${currentTenantSql}` };

/**
 * Declares for an entity what PostgreSQL enforces of its table: with a tenant, that each tenant has its own rows only. Thus the next
 * migration makes it for every new table, and a spec finds out where it is missing.
 */
export function declareTenantPolicy(meta: EntityMetadata): void {
  const hasTenant = Object.values(meta.properties).some(({ name }) => name === 'tenantId');
  if (!hasTenant && !(meta.tableName in tablesOfNoTenant)) return;
  meta.rowLevelSecurity = 'force';
  meta.policies = hasTenant ? [tenantPolicy] : [];
}

/** Returns the policies as SQL, for a migration: `for (const sql of tenantPolicySql('endpoints', 'events')) this.addSql(sql)`. */
export function tenantPolicySql(...tables: readonly string[]): string[] {
  return tables.flatMap((table) => [
    ...forced(table),
    `create policy "${tenantPolicy.name}" on "${table}" using (${tenantPolicy.using})`,
  ]);
}

/** Policies for the tables of service-kit and messaging that each service has. */
export const sharedPolicySql: readonly string[] = [
  ...tenantPolicySql('outbox'),
  ...Object.keys(tablesOfNoTenant).flatMap(forced),
];

/**
 * For rows that belong to another row, such as those of an import: existing ones get the tenant of that row, and new ones the
 * tenant of their transaction.
 */
export function addTenantSql(table: string, parent: string, key: string): string[] {
  return [
    `alter table "${table}" add column "tenant_id" uuid`,
    `update "${table}" c set "tenant_id" = p."tenant_id" from "${parent}" p where p."id" = c."${key}"`,
    `delete from "${table}" where "tenant_id" is null`,
    `alter table "${table}" alter column "tenant_id" set not null, alter column "tenant_id" set default ${currentTenantSql}`,
    ...tenantPolicySql(table),
  ];
}

function forced(table: string): string[] {
  return [
    `alter table "${table}" enable row level security`,
    `alter table "${table}" force row level security`,
    // Migrations move data of every tenant. The role that owns the tables runs them, and no service logs in as that.
    `create policy "owner" on "${table}" to current_user using (true)`,
  ];
}

import type { Message, Statements } from '@isthmus/messaging';

interface AccountNews {
  providerAccountId: string;
  connectorId: string;
  cmpAccountId: string;
  status: string;
}

/** What ordering needs of a provider account; older news changes nothing. */
export async function keepAccount(
  client: Statements,
  news: AccountNews,
  { tenantId, aggregateVersion }: Message,
): Promise<void> {
  await client.query(
    `insert into provider_accounts (id, tenant_id, connector_id, cmp_account_id, status, version) values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do update set status = excluded.status, cmp_account_id = excluded.cmp_account_id, version = excluded.version
     where provider_accounts.version < excluded.version`,
    [news.providerAccountId, tenantId, news.connectorId, news.cmpAccountId, news.status, aggregateVersion],
  );
}

/** Whose a provider account is; null when it was unlinked. */
export async function keepLink(
  client: Statements,
  providerAccountId: string,
  tenantAccountId: string | null,
  { tenantId, aggregateVersion }: Message,
): Promise<void> {
  await client.query(
    `insert into account_links (provider_account_id, tenant_id, tenant_account_id, version) values ($1, $2, $3, $4)
     on conflict (provider_account_id) do update set tenant_account_id = excluded.tenant_account_id, version = excluded.version
     where account_links.version < excluded.version`,
    [providerAccountId, tenantId, tenantAccountId, aggregateVersion],
  );
}

export async function keepContract(
  client: Statements,
  {
    billingContractId,
    tenantAccountId,
    isDefault,
  }: { billingContractId: string; tenantAccountId: string; isDefault: boolean },
  { tenantId, aggregateVersion }: Message,
): Promise<void> {
  await client.query(
    `insert into billing_contracts (id, tenant_id, tenant_account_id, is_default, version) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set is_default = excluded.is_default, version = excluded.version
     where billing_contracts.version < excluded.version`,
    [billingContractId, tenantId, tenantAccountId, isDefault, aggregateVersion],
  );
}

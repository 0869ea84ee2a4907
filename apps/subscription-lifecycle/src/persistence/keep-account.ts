import type { Message, Statements } from '@isthmus/messaging';
import { followDefaultContract, lockOwnership } from './default-contract.ts';

interface AccountNews {
  providerAccountId: string;
  connectorId: string;
  cmpAccountId: string;
  status: string;
  name: string;
  customDomain?: string;
}

/** What ordering and events need of a provider account; older news changes nothing. Subscriptions that came first belong to it then. */
export async function keepAccount(client: Statements, news: AccountNews, message: Message): Promise<void> {
  const { tenantId, aggregateVersion } = message;
  const { providerAccountId, connectorId, cmpAccountId, status, name, customDomain = null } = news;
  await lockOwnership(client, tenantId, 'shared');
  await client.query(
    `insert into provider_accounts as a (id, tenant_id, connector_id, cmp_account_id, status, name, custom_domain, version)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (id) do update set status = excluded.status, cmp_account_id = excluded.cmp_account_id, name = excluded.name,
       custom_domain = excluded.custom_domain, version = excluded.version
     where a.version < excluded.version`,
    [providerAccountId, tenantId, connectorId, cmpAccountId, status, name, customDomain, aggregateVersion],
  );
  const { rowCount } = await client.query(
    `update subscriptions set provider_account_id = $4
     where tenant_id = $1 and connector_id = $2 and cmp_account_id = $3 and provider_account_id is null`,
    [tenantId, connectorId, cmpAccountId, providerAccountId],
  );
  if (rowCount) await followDefaultContract(client, { tenantId, providerAccountId }, message);
}

/**
 * Whose a provider account is; null when it was unlinked, which leaves its subscriptions where they are: linked again to the
 * same tenant account, nothing has happened.
 */
export async function keepLink(
  client: Statements,
  providerAccountId: string,
  tenantAccountId: string | null,
  by: string,
  message: Message,
): Promise<void> {
  const { tenantId, aggregateVersion } = message;
  await lockOwnership(client, tenantId, 'exclusive');
  await client.query(
    `insert into account_links (provider_account_id, tenant_id, tenant_account_id, version) values ($1, $2, $3, $4)
     on conflict (provider_account_id) do update set tenant_account_id = excluded.tenant_account_id, version = excluded.version
     where account_links.version < excluded.version`,
    [providerAccountId, tenantId, tenantAccountId, aggregateVersion],
  );
  await followDefaultContract(client, { tenantId, providerAccountId }, message, by);
}

export async function keepContract(
  client: Statements,
  {
    billingContractId,
    tenantAccountId,
    isDefault,
  }: { billingContractId: string; tenantAccountId: string; isDefault: boolean },
  message: Message,
): Promise<void> {
  const { tenantId, aggregateVersion } = message;
  await lockOwnership(client, tenantId, 'exclusive');
  await client.query(
    `insert into billing_contracts (id, tenant_id, tenant_account_id, is_default, version) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set is_default = excluded.is_default, version = excluded.version
     where billing_contracts.version < excluded.version`,
    [billingContractId, tenantId, tenantAccountId, isDefault, aggregateVersion],
  );
  await followDefaultContract(client, { tenantId, tenantAccountId }, message);
}

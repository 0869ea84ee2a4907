import { Conditions, type CursorKey, type TenantRows } from '@isthmus/service-kit';
import { domainConflictsSql, unreadSubscriptionsSql } from './provider-accounts.query.ts';
import type { AccountAddress } from '../../domain/provider-account.entity.ts';

export interface AccountOfConnectorRow {
  id: string;
  connectorId: string;
  cmpAccountId: string;
  name: string;
  externalId: string | null;
  status: string;
  email: string | null;
  contactName: string | null;
  taxRegId: string | null;
  address: AccountAddress | null;
  customDomain: string | null;
  /** Of a single account. */
  customDomainSeen?: boolean;
  customDomainConflicts: string[];
  unreadSubscriptions: number;
  asOf: Date;
  goneAt: Date | null;
  version: number;
}

/** With `$2` as the connector, when all of it was last read is asked once, not for every row. */
const columns = (
  connector: '$2' | 'a.connector_id',
) => `a.gone_at as "goneAt", a.version, a.id, a.connector_id as "connectorId", a.cmp_id as "cmpAccountId", a.name, a.external_id as "externalId",
  a.status, a.email, a.contact_name as "contactName", a.tax_reg_id as "taxRegId", a.address, a.custom_domain as "customDomain",
  ${domainConflictsSql} as "customDomainConflicts", ${unreadSubscriptionsSql} as "unreadSubscriptions",
  greatest(a.read_at, (
    select max(r.started_at) from sync_runs r
    where r.tenant_id = $1 and r.connector_id = ${connector} and r.scope = 'accounts' and r.depth = 'full' and r.target = '' and r.apply
      and r.status = 'succeeded' and r.complete)) as "asOf"`;

/** Those that CMP still lists, by id; one more than `limit` when there are more. */
export function listAccountsOfConnector(
  rows: TenantRows,
  connectorId: string,
  after: CursorKey | undefined,
  limit: number,
): Promise<AccountOfConnectorRow[]> {
  const where = new Conditions('a.tenant_id = $1')
    .when(connectorId, (p) => `a.connector_id = ${p}`)
    .and('a.gone_at is null')
    .after(after, 'a.id', ['uuid']);
  const end = where.param(limit + 1);
  return rows.select(
    `select ${columns('$2')} from provider_accounts a where ${where} order by a.id limit ${end}`,
    where.values,
  );
}

/** Also one that has ended; nothing when the tenant, or the connector, has none of this id. */
export async function readAccountOfConnector(
  rows: TenantRows,
  connectorId: string | undefined,
  id: string,
): Promise<AccountOfConnectorRow | undefined> {
  const found = await rows.select<AccountOfConnectorRow>(
    `select ${columns('a.connector_id')}, exists (
       select from provider_subscriptions s where s.tenant_id = $1 and s.connector_id = a.connector_id and s.provider_account_id = a.id
         and s.microsoft_domain = lower(a.custom_domain)) as "customDomainSeen"
     from provider_accounts a where a.tenant_id = $1 and a.connector_id = coalesce($2::uuid, a.connector_id) and a.id = $3`,
    [connectorId ?? null, id],
  );
  return found[0];
}

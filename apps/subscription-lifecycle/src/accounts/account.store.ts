import type { Message, Statements } from '@isthmus/messaging';
import type { TenantRows } from '@isthmus/service-kit';
import type { FactChange } from '../subscriptions/rules/observe.ts';
import { type Cause, changedEvent, type ChangeSource } from '../subscriptions/subscription-events.ts';
import { publish, subscriptionColumns, writeHistory } from '../subscriptions/subscription.store.ts';
import { type Assignment, endedStatuses, type SubscriptionRow } from '../subscriptions/subscription.ts';
import { connectorRemoved } from './connector.store.ts';

/** An account as orders need it, and whether its connector was removed. */
export async function findAccount(
  rows: TenantRows,
  providerAccountId: string,
): Promise<{ connectorId: string; cmpAccountId: string; removed: boolean } | undefined> {
  const [account] = await rows.select<{ connectorId: string; cmpAccountId: string; removed: boolean }>(
    `select connector_id as "connectorId", cmp_account_id as "cmpAccountId", ${connectorRemoved('a')} as removed
     from provider_accounts a where tenant_id = $1 and id = $2`,
    [providerAccountId],
  );
  return account;
}

interface AccountNews {
  providerAccountId: string;
  connectorId: string;
  cmpAccountId: string;
  status: string;
  name: string;
  customDomain?: string;
}

/**
 * What ordering and events need of a provider account; older events change nothing. Subscriptions that arrived earlier are
 * then assigned to it.
 */
export async function upsertAccount(client: Statements, news: AccountNews, message: Message): Promise<void> {
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
export async function upsertLink(
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

export async function upsertContract(
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

/**
 * Subscriptions, links and contracts arrive in any order and concurrently, and each looks for the others: without this lock,
 * two transactions could miss each other. Links and contracts of a tenant are processed one at a time; accounts and
 * subscriptions concurrently with each other, but not with those.
 */
export async function lockOwnership(
  client: Statements,
  tenantId: string,
  mode: 'shared' | 'exclusive',
): Promise<void> {
  const lock = mode === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  await client.query(`select ${lock}(hashtextextended($1, 0))`, [`ownership ${tenantId}`]);
}

/** Which subscriptions may have to follow: those of an account, or of everything linked to a tenant account, or all of a tenant. */
interface FollowScope {
  tenantId: string;
  providerAccountId?: string;
  tenantAccountId?: string;
}

interface Follower extends SubscriptionRow {
  nextContract: string | null;
  /** Its contract belongs to a tenant account that its own account is not linked to. */
  foreign: boolean;
}

/**
 * Assigns live subscriptions to the default contract of the tenant account that their account is linked to, unless a person
 * decided or they were transferred. While there are two defaults, because events may overtake each other, none is used.
 * Those on a contract of another tenant account leave it, because the link is a person's decision too. Subscriptions that
 * are already assigned correctly are not changed.
 */
export async function followDefaultContract(
  client: Statements,
  { tenantId, providerAccountId, tenantAccountId }: FollowScope,
  cause: Cause,
  by: string = 'subscription-lifecycle',
): Promise<void> {
  for (;;) {
    const { rows } = await client.query<Follower>(followers, [
      tenantId,
      endedStatuses,
      batch,
      providerAccountId ?? null,
      tenantAccountId ?? null,
    ]);
    if (rows.length === 0) return;
    for (const foreign of [true, false])
      await assignContracts(
        client,
        rows
          .filter((row) => row.foreign === foreign)
          .map((row) => ({ row, billingContractId: row.nextContract, assignment: 'default' as const })),
        { source: foreign ? 'account-link' : 'default-contract', by, cause },
      );
    if (rows.length < batch) return;
  }
}

/** Assigned in one round; a customer may have thousands. */
const batch = 1_000;

const followers = `
  with found as (
    select s.id, d.contract as "nextContract", s.billing_contract_id is not null as "foreign"
    from subscriptions s
      join account_links l on l.tenant_id = s.tenant_id and l.provider_account_id = s.provider_account_id
      cross join lateral (select case when count(*) = 1 then min(c.id::text)::uuid end as contract from billing_contracts c
        where c.tenant_id = l.tenant_id and c.tenant_account_id = l.tenant_account_id and c.is_default) d
    where s.tenant_id = $1 and ($4::uuid is null or s.provider_account_id = $4) and ($5::text is null or l.tenant_account_id = $5)
      and s.ended_at is null and s.status <> all($2)
      and (s.billing_contract_id is null and s.assignment = 'default' and d.contract is not null
        or s.billing_contract_id is not null and exists (select from billing_contracts o
          where o.id = s.billing_contract_id and o.tenant_id = s.tenant_id and o.tenant_account_id <> l.tenant_account_id)))
  select ${subscriptionColumns}, found."nextContract", found."foreign"
  from subscriptions s join found on found.id = s.id order by s.id limit $3 for no key update of s`;

/** A subscription, its row locked, and the contract that it gets. */
interface ContractChange {
  row: SubscriptionRow;
  billingContractId: string | null;
  assignment: Assignment;
}

/** Stores the contracts of many subscriptions with history and events; returns the updated rows. */
export async function assignContracts(
  client: Statements,
  given: readonly ContractChange[],
  { source, by, cause }: { source: ChangeSource; by: string; cause: Cause },
): Promise<SubscriptionRow[]> {
  if (given.length === 0) return [];
  const made = given.map(({ row, billingContractId, assignment }) => ({
    row: { ...row, billingContractId, assignment, version: row.version + 1 },
    changes: contractChanges(row, billingContractId, assignment),
  }));
  await client.query(
    `update subscriptions s set billing_contract_id = g.contract, assignment = g.assignment, version = g.version
     from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[]) as g (id, contract, assignment, version)
     where s.id = g.id and s.tenant_id = $5`,
    [
      made.map(({ row }) => row.id),
      made.map(({ row }) => row.billingContractId),
      made.map(({ row }) => row.assignment),
      made.map(({ row }) => row.version),
      made[0]!.row.tenantId,
    ],
  );
  await writeHistory(
    client,
    made.map(({ row: { tenantId, id: subscriptionId }, changes }) => ({
      ...{ tenantId, subscriptionId, source, by, changes },
      correlationId: cause.correlationId,
    })),
  );
  await publish(
    client,
    made.map(({ row, changes }) => ({ row, event: changedEvent(row, changes, source, cause) })),
  );
  return made.map(({ row }) => row);
}

/** The differences: the contract, or who decided on it, if a person confirms an existing assignment. */
export function contractChanges(
  row: SubscriptionRow,
  billingContractId: string | null,
  assignment: Assignment,
): FactChange[] {
  if (row.billingContractId !== billingContractId)
    return [{ fact: 'billingContractId', from: row.billingContractId, to: billingContractId }];
  return row.assignment === assignment ? [] : [{ fact: 'assignment', from: row.assignment, to: assignment }];
}

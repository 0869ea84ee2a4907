import type { ProviderSubscriptionChangedV1, SubscriptionEndReason } from '@isthmus/contracts';
import { emitMany, type Message, type NewEvent, type Statements } from '@isthmus/messaging';
import { Conditions, type CursorKey, isoTime, type TenantRows } from '@isthmus/service-kit';
import { connectorRemoved } from '../accounts/connector.store.ts';
import type { FactChange } from './rules/observe.ts';
import {
  type Cause,
  changedEvent,
  type ChangeSource,
  createdEvent,
  endedEvent,
  transferredEvent,
} from './subscription-events.ts';
import {
  endedStatuses,
  isEnded,
  type SettledOrder,
  SubscriptionNotFound,
  type SubscriptionRow,
  type SubscriptionState,
  withSettled,
} from './subscription.ts';

export const subscriptionColumns = `s.id, s.tenant_id as "tenantId", s.connector_id as "connectorId",
  s.cmp_subscription_id as "cmpSubscriptionId", s.cmp_account_id as "cmpAccountId", s.provider_account_id as "providerAccountId",
  (select a.name from provider_accounts a where a.id = s.provider_account_id and a.tenant_id = s.tenant_id) as "accountName",
  s.name, s.friendly_name as "friendlyName", s.status, s.state, s.billing_contract_id as "billingContractId",
  s.assignment, s.announced, s.ended_at as "endedAt", s.version`;

/** In the form of account-sync's lists. */
export const endedFilters = ['exclude', 'include', 'only'] as const;

export interface SubscriptionFilter {
  connectorId?: string | undefined;
  providerAccountId?: string | undefined;
  billingContractId?: string | undefined;
  /** Whether on a billing contract. */
  assigned?: 'true' | 'false' | undefined;
  status?: string | undefined;
  /** Only live ones, unless a status is requested. */
  ended?: (typeof endedFilters)[number] | undefined;
}

function matching(filter: SubscriptionFilter): Conditions {
  const { ended = filter.status === undefined ? 'exclude' : 'include' } = filter;
  const where = new Conditions('s.tenant_id = $1')
    .when(filter.connectorId, (p) => `s.connector_id = ${p}::uuid`)
    .when(filter.providerAccountId, (p) => `s.provider_account_id = ${p}::uuid`)
    .when(filter.billingContractId, (p) => `s.billing_contract_id = ${p}::uuid`)
    .when(filter.status, (p) => `s.status = ${p}`);
  if (filter.assigned) where.and(`s.billing_contract_id is ${filter.assigned === 'true' ? 'not ' : ''}null`);
  if (ended === 'include') return where;
  const over = `(s.ended_at is not null or s.status = any(${where.param(endedStatuses)}))`;
  return where.and(ended === 'only' ? over : `not ${over}`);
}

export function listSubscriptions(
  rows: TenantRows,
  filter: SubscriptionFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<SubscriptionRow[]> {
  const where = matching(filter).after(after, 's.id', ['uuid']);
  const end = where.param(limit + 1);
  return rows.select(
    `select ${subscriptionColumns} from subscriptions s where ${where} order by s.id limit ${end}`,
    where.values,
  );
}

/** Only the ids, in order; one more than `limit` if there are more. */
export async function subscriptionIds(
  rows: TenantRows,
  filter: SubscriptionFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<string[]> {
  const where = matching(filter).after(after, 's.id', ['uuid']);
  const end = where.param(limit + 1);
  const found = await rows.select<{ id: string }>(
    `select s.id from subscriptions s where ${where} order by s.id limit ${end}`,
    where.values,
  );
  return found.map(({ id }) => id);
}

interface ChangeRow {
  position: string;
  at: Date;
  source: string;
  by: string;
  orderId: string | null;
  correlationId: string;
  changes: object[];
}

/** The newest first. */
export async function listSubscriptionChanges(
  rows: TenantRows,
  subscriptionId: string,
  after: CursorKey | undefined,
  limit: number,
) {
  const where = new Conditions('tenant_id = $1')
    .when(subscriptionId, (p) => `subscription_id = ${p}::uuid`)
    .after(after, 'id', ['bigint'], '<');
  const end = where.param(limit + 1);
  const found = await rows.select<ChangeRow>(
    `select id as position, at, source, by, order_id as "orderId", correlation_id as "correlationId", changes
     from subscription_history where ${where} order by id desc limit ${end}`,
    where.values,
  );
  return found.map((row) => ({ ...row, at: isoTime(row.at) }));
}

/** @throws SubscriptionNotFound */
export async function readSubscription(rows: TenantRows, id: string): Promise<SubscriptionRow> {
  const [row] = await rows.select<SubscriptionRow>(
    `select ${subscriptionColumns} from subscriptions s where tenant_id = $1 and id = $2`,
    [id],
  );
  if (!row) throw new SubscriptionNotFound(id);
  return row;
}

type ReadRow = SubscriptionRow & { settled: SettledOrder[] | null; connectorRemoved: boolean };

/** With the orders settled since CMP was read and whether the connector is gone, in the same round trip. */
const columns = `${subscriptionColumns}, ${connectorRemoved('s')} as "connectorRemoved", (
  select json_agg(json_build_object('ask', o.record->'ask', 'finishedAt', o.record->'finishedAt',
    'firstSentAt', o.record->'firstSentAt') order by o.position)
  from orders o where o.tenant_id = s.tenant_id and o.subscription_id = s.id and o.status = 'settled'
    and (o.record->>'finishedAt')::float8 > (s.state->>'asOf')::float8) as settled`;

function agreed({ settled, connectorRemoved: gone, ...row }: ReadRow): SubscriptionRow {
  if (!settled && !gone) return row;
  const known = withSettled(row.state, settled ?? []);
  // The events that each of its subscriptions has ended follow that of the connector.
  const state = gone && !isEnded(known.status) ? { ...known, status: 'connector-removed' } : known;
  return { ...row, state, status: state.status };
}

/** The subscriptions of one account by id, as agreed; one more than `limit` if there are more. */
export async function listAgreed(
  rows: TenantRows,
  connectorId: string,
  providerAccountId: string,
  after: CursorKey | undefined,
  limit: number,
): Promise<SubscriptionRow[]> {
  const where = new Conditions('s.tenant_id = $1')
    .when(connectorId, (p) => `s.connector_id = ${p}::uuid`)
    .when(providerAccountId, (p) => `s.provider_account_id = ${p}::uuid`)
    .after(after, 's.id', ['uuid']);
  const end = where.param(limit + 1);
  const found = await rows.select<ReadRow>(
    `select ${columns} from subscriptions s where ${where} order by s.id limit ${end}`,
    where.values,
  );
  return found.map(agreed);
}

/** @throws SubscriptionNotFound, also of another connector when one is named */
export async function readAgreed(
  rows: TenantRows,
  id: string,
  connectorId?: string,
): Promise<SubscriptionRow> {
  const [row] = await rows.select<ReadRow>(
    `select ${columns} from subscriptions s where s.tenant_id = $1 and s.id = $2 and ($3::uuid is null or s.connector_id = $3)`,
    [id, connectorId ?? null],
    'agreed-subscription',
  );
  if (!row) throw new SubscriptionNotFound(id);
  return agreed(row);
}

/** An entry in the history of a subscription. */
interface HistoryEntry {
  tenantId: string;
  subscriptionId: string;
  source: ChangeSource;
  /** The subject of a person, or the name of a service. */
  by: string;
  orderId?: string | null;
  correlationId: string;
  changes: readonly FactChange[];
}

/** Writes them in the given order; those without changes are left out. */
export async function writeHistory(client: Statements, entries: readonly HistoryEntry[]): Promise<void> {
  const rows = entries.filter(({ changes }) => changes.length > 0);
  if (rows.length === 0) return;
  await client.query(insert, [JSON.stringify(rows)]);
}

const insert = `
  insert into subscription_history (tenant_id, subscription_id, source, by, order_id, correlation_id, changes)
  select tenant_id, subscription_id, source, by, order_id, correlation_id, changes
  from rows from (json_to_recordset($1::json) as ("tenantId" uuid, "subscriptionId" uuid, source text, by text,
    "orderId" uuid, "correlationId" text, changes json)) with ordinality
    as e (tenant_id, subscription_id, source, by, order_id, correlation_id, changes, n) order by n`;

/** The row, locked until the transaction ends. @throws SubscriptionNotFound */
export async function lockSubscription(
  client: Statements,
  tenantId: string,
  id: string,
): Promise<SubscriptionRow> {
  const text = `select ${subscriptionColumns} from subscriptions s where tenant_id = $1 and id = $2 for no key update of s`;
  const { rows } = await client.query<SubscriptionRow>(text, [tenantId, id]);
  if (!rows[0]) throw new SubscriptionNotFound(id);
  return rows[0];
}

export async function findForUpdate(
  client: Statements,
  id: string,
  tenantId: string,
): Promise<SubscriptionRow | undefined> {
  // No key is changed: inserts that refer to it, as of a proposed change, need not wait.
  const text = `select ${subscriptionColumns} from subscriptions s where id = $1 and tenant_id = $2 for no key update of s`;
  const { rows } = await client.query<SubscriptionRow>(text, [id, tenantId]);
  return rows[0];
}

/** Stores one that was not known; publishes that it was created. */
export async function insertSubscription(
  client: Statements,
  news: ProviderSubscriptionChangedV1,
  state: SubscriptionState,
  message: Message,
): Promise<void> {
  const { providerSubscriptionId: id, connectorId, cmpSubscriptionId, cmpAccountId } = news;
  const { tenantId, correlationId } = message;
  const announced = state.lines !== null || isEnded(state.status);
  // The event of its move may overtake earlier ones, which are then ignored.
  const moved = news.changes?.find(({ field }) => field === 'cmpAccountId');
  const { rows } = await client.query<SubscriptionRow>(insertSql, [
    id,
    tenantId,
    connectorId,
    cmpSubscriptionId,
    cmpAccountId,
    news.providerAccountId ?? null,
    state.name,
    state.status,
    JSON.stringify(state),
    announced,
    isEnded(state.status),
    moved !== undefined,
  ]);
  const row = rows[0]!;
  const changes: FactChange[] = [{ fact: 'appeared', from: null, to: state.status }];
  if (moved) changes.push({ fact: 'account', from: moved.from, to: cmpAccountId });
  await writeHistory(client, [
    { tenantId, subscriptionId: id, source: 'cmp', by: 'account-sync', correlationId, changes },
  ]);
  await publish(client, [{ row, event: createdEvent(row, message) }]);
}

/** Our id of the account under which CMP lists it, unless the event contains it. */
const knownAccount = (tenant: string, connector: string, cmpAccount: string): string =>
  `(select a.id from provider_accounts a where a.tenant_id = ${tenant} and a.connector_id = ${connector} and a.cmp_account_id = ${cmpAccount})`;

const insertSql = `
  with owner as (select coalesce($6::uuid, ${knownAccount('$2::uuid', '$3::uuid', '$5::text')}) as id)
  insert into subscriptions as s (id, tenant_id, connector_id, cmp_subscription_id, cmp_account_id, provider_account_id, name,
    status, state, announced, assignment, billing_contract_id)
  select $1::uuid, $2, $3, $4, $5, owner.id, $7, $8, $9::json, $10,
    case when $12 then 'transferred' else 'default' end,
    (select case when count(*) = 1 and not $11 and not $12 then min(c.id::text)::uuid end from billing_contracts c
       join account_links l using (tenant_id, tenant_account_id)
     where l.tenant_id = $2 and l.provider_account_id = owner.id and c.is_default)
  from owner returning ${subscriptionColumns}`;

/** The change of a subscription by an event, or by an order that became known. */
export interface SubscriptionStep {
  state: SubscriptionState;
  changes: FactChange[];
  /** Whom CMP lists it under. */
  owner: { cmpAccountId: string; providerAccountId?: string | null | undefined };
  /** The order of ours that explains the changes. */
  orderId?: string | undefined;
  /** Why it has ended; absent while it is live. */
  ended?: SubscriptionEndReason;
}

/** Stores the step with its history; publishes each part of it under its own version. */
export async function storeStep(
  client: Statements,
  row: SubscriptionRow,
  step: SubscriptionStep,
  cause: Cause,
): Promise<SubscriptionRow> {
  const { state, changes, owner, orderId, ended } = step;
  const moved = owner.cmpAccountId !== row.cmpAccountId;
  const announces = !row.announced && (state.lines !== null || isEnded(state.status));
  const source = orderId ? 'order' : 'cmp';
  const parts: ((next: SubscriptionRow) => NewEvent)[] = [];
  if (announces) parts.push((next) => createdEvent(next, cause));
  else if (moved) parts.push((next) => transferredEvent(next, row, cause));
  if (changes.length > 0) {
    if (ended) parts.push((next) => endedEvent(next, ended, cause));
    else if (!announces) parts.push((next) => changedEvent(next, changes, source, cause, orderId));
  }
  const next = await updateState(client, row, step, { moved, announces, versions: parts.length });
  const entry = { tenantId: row.tenantId, subscriptionId: row.id, by: 'account-sync' };
  const { correlationId } = cause;
  if (moved) {
    const transfer: FactChange[] = [{ fact: 'account', from: row.cmpAccountId, to: next.cmpAccountId }];
    if (row.billingContractId)
      transfer.push({ fact: 'billingContractId', from: row.billingContractId, to: null });
    await writeHistory(client, [{ ...entry, source: 'cmp', correlationId, changes: transfer }]);
  }
  const told = ended && ended !== state.status ? [{ fact: 'endReason', from: null, to: ended }] : [];
  const noted = changes.length > 0 ? [...changes, ...told] : [];
  await writeHistory(client, [{ ...entry, source, orderId, correlationId, changes: noted }]);
  await publish(
    client,
    parts.map((part, index) => {
      const version = next.version - parts.length + 1 + index;
      return { row: next, event: part({ ...next, version }) };
    }),
  );
  return next;
}

async function updateState(
  client: Statements,
  row: SubscriptionRow,
  { state, owner, ended }: SubscriptionStep,
  { moved, announces, versions }: { moved: boolean; announces: boolean; versions: number },
): Promise<SubscriptionRow> {
  const { rows } = await client.query<SubscriptionRow>(update, [
    row.id,
    state.name,
    state.status,
    JSON.stringify(state),
    ended ? new Date(state.asOf).toISOString() : null,
    isEnded(state.status),
    owner.cmpAccountId,
    owner.providerAccountId ?? (moved ? null : row.providerAccountId),
    moved,
    announces,
    versions,
    row.tenantId,
  ]);
  return rows[0]!;
}

const update = `
  update subscriptions s set name = $2, status = $3, state = $4, look_at = now(), version = version + $11,
    ended_at = case when $6 then coalesce(ended_at, $5::timestamptz) end,
    cmp_account_id = $7, provider_account_id = coalesce($8::uuid, ${knownAccount('s.tenant_id', 's.connector_id', '$7')}),
    billing_contract_id = case when $9 then null else billing_contract_id end,
    assignment = case when $9 then 'transferred' else assignment end, announced = announced or $10
  where id = $1 and tenant_id = $12 returning ${subscriptionColumns}`;

/** Publishes what happened to subscriptions that were announced; others are not known outside yet. */
export const publish = (
  client: Statements,
  events: readonly { row: SubscriptionRow; event: NewEvent }[],
): Promise<void> =>
  emitMany(
    client,
    events.filter(({ row }) => row.announced).map((one) => one.event),
  );

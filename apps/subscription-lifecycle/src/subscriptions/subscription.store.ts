import type { Statements } from '@isthmus/messaging';
import { Conditions, type CursorKey, isoTime, type TenantRows } from '@isthmus/service-kit';
import { SubscriptionNotFound } from '../orders/order.errors.ts';
import { connectorRemoved } from '../accounts/connector.store.ts';
import type { FactChange } from './rules/observe.ts';
import type { ChangeSource } from './subscription-events.ts';
import {
  endedStatuses,
  isEnded,
  type SettledOrder,
  type SubscriptionState,
  withSettled,
} from './subscription.ts';

/**
 * Who decided on the billing contract of a subscription. `default`: nobody; without a contract it joins the default one.
 * `manual`: a person. `transferred`: it was unassigned because it moved to another customer, and waits for a person.
 */
export const assignments = ['default', 'manual', 'transferred'] as const;
export type Assignment = (typeof assignments)[number];

/** A subscription as it is stored. */
export interface SubscriptionRow {
  id: string;
  tenantId: string;
  connectorId: string;
  cmpSubscriptionId: string;
  cmpAccountId: string;
  providerAccountId: string | null;
  /** Null while the account has not been listed. */
  accountName: string | null;
  name: string;
  friendlyName: string | null;
  status: string;
  state: SubscriptionState;
  billingContractId: string | null;
  assignment: Assignment;
  /** Whether its creation has been published; nothing else of it is published before. */
  announced: boolean;
  endedAt: Date | null;
  version: number;
}

export const subscriptionColumns = `s.id, s.tenant_id as "tenantId", s.connector_id as "connectorId",
  s.cmp_subscription_id as "cmpSubscriptionId", s.cmp_account_id as "cmpAccountId", s.provider_account_id as "providerAccountId",
  (select a.name from provider_accounts a where a.id = s.provider_account_id and a.tenant_id = s.tenant_id) as "accountName",
  s.name, s.friendly_name as "friendlyName", s.status, s.state, s.billing_contract_id as "billingContractId",
  s.assignment, s.announced, s.ended_at as "endedAt", s.version`;

/** As account-sync's lists have it. */
export const endedFilters = ['exclude', 'include', 'only'] as const;

export interface SubscriptionFilter {
  connectorId?: string | undefined;
  providerAccountId?: string | undefined;
  billingContractId?: string | undefined;
  /** Whether on a billing contract. */
  assigned?: 'true' | 'false' | undefined;
  status?: string | undefined;
  /** Live ones only, unless a status is asked for. */
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

/** The ids alone, by id; one more than `limit` when there are more. */
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
export async function changesOf(
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
  // The news that each of its subscriptions has ended follows that of the connector.
  const state = gone && !isEnded(known.status) ? { ...known, status: 'connector-removed' } : known;
  return { ...row, state, status: state.status };
}

/** Those of one account by id, as agreed; one more than `limit` when there are more. */
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

/** What belongs into the history of a subscription. */
export interface HistoryEntry {
  tenantId: string;
  subscriptionId: string;
  source: ChangeSource;
  /** The subject of a person, or the name of a service. */
  by: string;
  orderId?: string | null;
  correlationId: string;
  changes: readonly FactChange[];
}

/** Writes them in the order given; those without changes are left out. */
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

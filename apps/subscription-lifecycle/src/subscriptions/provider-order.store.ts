import type { ProviderOrderLineV1, ProviderOrderSeenV1, ProviderOrderSettledV1 } from '@isthmus/contracts';
import type { Message, Statements } from '@isthmus/messaging';
import type { OrderRecord } from '../orders/order.ts';
import { knownFromOwnOrder, knownTogether, type KnownOrder } from './rules/known-order.ts';
import { explain } from './rules/observe.ts';
import { storeStep, subscriptionColumns } from './subscription.store.ts';
import type { SubscriptionRow } from './subscription.ts';

/** A subscription by CMP's id. */
interface AtCmp {
  tenantId: string;
  connectorId: string;
  cmpSubscriptionId: string;
}

/**
 * Transactions that store a subscription and those that store one of its orders wait for each other here, until the end of
 * the transaction: otherwise neither would see what the other one has not committed yet.
 */
export const lockExplanations = (client: Statements, { connectorId, cmpSubscriptionId }: AtCmp) =>
  client.query('select pg_advisory_xact_lock(hashtextextended($1, 7))', [
    `${connectorId} ${cmpSubscriptionId}`,
  ]);

/**
 * Stores what account-sync publishes about an order of CMP; older events change nothing, and what only the order's detail
 * contains stays known if a list is read after it.
 * @returns the subscriptions that it concerns, as far as known; none if the event was not new
 */
export async function upsertProviderOrder(
  client: Statements,
  news: ProviderOrderSeenV1 | ProviderOrderSettledV1,
  { tenantId, aggregateVersion }: Pick<Message, 'tenantId' | 'aggregateVersion'>,
): Promise<string[]> {
  const { connectorId, cmpOrderId, cmpSubscriptionId, lines, status, asOf } = news;
  const about = [cmpSubscriptionId, ...(lines ?? []).map((line) => line.cmpSubscriptionId)];
  const { rows } = await client.query<{ ids: string[] }>(keep, [
    connectorId,
    cmpOrderId,
    tenantId,
    [...new Set(about.filter((id) => id !== undefined))],
    news.orderNumber || null,
    news.type,
    status,
    storable(news.createdAt),
    status === 'completed' ? asOf : null,
    news.scheduledOn ?? null,
    news.upgrade ?? false,
    lines ? JSON.stringify(lines) : null,
    aggregateVersion,
  ]);
  return rows[0]?.ids ?? [];
}

const keep = `
  insert into provider_orders as o (connector_id, cmp_order_id, tenant_id, cmp_subscription_ids, order_number, type,
    status, created_at, done_at, scheduled_on, upgrade, lines, version)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
  on conflict (connector_id, cmp_order_id) do update set
    cmp_subscription_ids = case when cardinality(excluded.cmp_subscription_ids) > 0
      then excluded.cmp_subscription_ids else o.cmp_subscription_ids end,
    order_number = coalesce(excluded.order_number, o.order_number), type = excluded.type, status = excluded.status,
    created_at = coalesce(excluded.created_at, o.created_at), done_at = coalesce(o.done_at, excluded.done_at),
    scheduled_on = coalesce(excluded.scheduled_on, o.scheduled_on), upgrade = o.upgrade or excluded.upgrade,
    lines = coalesce(excluded.lines, o.lines), version = excluded.version
  where o.tenant_id = excluded.tenant_id and o.version < excluded.version
  returning cmp_subscription_ids as ids`;

/** A time that is one, and of this era; an absurd one explains nothing. */
function storable(time: string | undefined): string | null {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) || at < 0 || at > Date.UTC(9999, 0) ? null : new Date(at).toISOString();
}

/**
 * Everything completed that is known to concern a subscription: CMP's orders, and those of ours whose record at CMP is not
 * known. An order of ours that is not confirmed may have had no effect, whatever CMP says about it.
 */
export async function knownOrders(client: Statements, of: AtCmp): Promise<KnownOrder[]> {
  const { rows } = await client.query<ProviderOrderRow | OwnRow>(known, [
    of.tenantId,
    of.connectorId,
    of.cmpSubscriptionId,
  ]);
  const atCmp = rows.flatMap((row) => (row.record ? [] : [row as ProviderOrderRow]));
  const own = rows.flatMap((row) => (row.record && knownFromOwnOrder(row.record)) || []);
  return knownTogether(
    atCmp.map((row) => explanation(row, of.cmpSubscriptionId)),
    own,
  );
}

interface ProviderOrderRow {
  record: null;
  id: string;
  number: string | null;
  type: KnownOrder['type'];
  /** Milliseconds. */
  createdAt: string;
  doneAt: string;
  scheduledOn: string | null;
  lines: ProviderOrderLineV1[] | null;
}
interface OwnRow {
  record: OrderRecord;
}

const known = `
  (select null as record, cmp_order_id as id, order_number as number, type, extract(epoch from created_at) * 1000 as "createdAt",
     extract(epoch from done_at) * 1000 as "doneAt",
     scheduled_on as "scheduledOn", lines
   from provider_orders p where tenant_id = $1 and connector_id = $2 and cmp_subscription_ids @> array[$3]
     and status = 'completed' and type in ('sales', 'change', 'renewal') and not upgrade and created_at is not null
     and not exists (select from orders o where o.connector_id = p.connector_id
       and o.record ->> 'cmpOrderId' = p.cmp_order_id and o.status <> 'settled')
   order by created_at desc limit 500)
  union all
  (select record, null, null, null, null, null, null, null from orders
   where tenant_id = $1 and connector_id = $2 and record ->> 'cmpSubscriptionId' = $3 and status = 'settled'
     and kind in ('create', 'change-quantity') order by position desc limit 500)`;

/** A change that waits for the renewal has totals, not what it adds; the renewal explains it. */
function explanation(row: ProviderOrderRow, cmpSubscriptionId: string): KnownOrder {
  const { id, type, createdAt, doneAt, scheduledOn, lines } = row;
  const own = (lines ?? []).filter(
    (line) =>
      (line.cmpSubscriptionId ?? cmpSubscriptionId) === cmpSubscriptionId && Number.isInteger(line.quantity),
  );
  return {
    id,
    number: row.number ?? id,
    type,
    createdAt: Math.round(Number(createdAt)),
    doneAt: Math.round(Number(doneAt)),
    lines:
      scheduledOn === null
        ? own.map(({ mpn, productId, quantity }) => ({ mpn, cmpProductId: productId, seats: quantity }))
        : [],
  };
}

/**
 * Corrects term and lots of a subscription after one of its orders became known; a subscription that is not stored yet will
 * read the orders when it is.
 */
export async function explainSubscription(
  client: Statements,
  of: AtCmp,
  { correlationId, orderId }: { correlationId: string; orderId?: string },
): Promise<void> {
  await lockExplanations(client, of);
  const { rows } = await client.query<SubscriptionRow>(
    `select ${subscriptionColumns} from subscriptions s
     where s.tenant_id = $1 and s.connector_id = $2 and s.cmp_subscription_id = $3 for no key update of s`,
    [of.tenantId, of.connectorId, of.cmpSubscriptionId],
  );
  const row = rows[0];
  const explained = row && explain(row.state, await knownOrders(client, of));
  if (explained) await storeStep(client, row, { ...explained, owner: row, orderId }, { correlationId });
}

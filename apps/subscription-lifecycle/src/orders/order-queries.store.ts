import type { OrderWaitCause } from '@isthmus/contracts';
import { compiledOnce } from '@isthmus/messaging';
import {
  anywhere,
  type CursorKey,
  type IdempotentRequest,
  isoTime,
  type StoredResponse,
  storedResponseSql,
  type TenantRows,
} from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { lostChangesSql } from '../scheduled-changes/scheduled-change.store.ts';
import type { LostChange } from '../scheduled-changes/scheduled-change.ts';
import type { SubscriptionRow } from '../subscriptions/subscription.entity.ts';
import { agreed, readAsAgreed } from '../subscriptions/subscription.store.ts';
import { SubscriptionNotFound } from '../subscriptions/subscription.ts';
import { given, statements } from '../tables.ts';
import { blockingStatuses, type OrderStatus } from './order-lifecycle.ts';
import type { OrderContext, OrderStateRow } from './order-events.ts';
import type { OrderAccount, OrderRow } from './order.entity.ts';
import { type PurchaseFacts, purchasesSql, recentOrder } from './guard/guard.store.ts';
import { OrderNotFound } from './order.errors.ts';
import {
  type CreateSpec,
  type OrderKind,
  type OrderSpec,
  purchasesOfPart,
  queueKey,
  type WaitFacts,
} from './order.ts';

/**
 * The reason why an order `o` waits; null if it does not wait, or needs manual intervention. Defined only here, so that lists can
 * filter by it.
 */
const waitCause = sql<OrderWaitCause | null>`(case
  when o.status in ('settled', 'refused', 'withdrawn', 'needs-attention', 'completed-not-effective') then null
  when o.status = 'scheduled' then 'renewal'
  when o.status = 'awaiting-approval' then 'approval'
  when o.status in ('planned', 'accepted') and o.record ->> 'cmpWait' is not null then o.record ->> 'cmpWait'
  when wp.connector_id is not null then 'connector-paused'
  when o.status = 'planned' and wa.id is not null then 'another-order'
  else 'cmp' end)`;

const wait = sql<WaitFacts | null>`case when ${waitCause} is not null then json_build_object(
  'cause', ${waitCause},
  'pause', case when wp.connector_id is not null then json_build_object(
    'automatic', wp.automatic, 'detail', wp.detail, 'nextStep', wp.next_step, 'by', wp.by) end,
  'ahead', case when wa.id is not null then json_build_object('id', wa.id, 'kind', wa.kind, 'status', wa.status) end,
  'renewalDate', ws.state ->> 'renewalDate') end`;

/** The orders of a tenant, joined with what they may wait for. */
const ordersThatWait = (em: EntityManager, tenantId: string) =>
  statements(em)
    .selectFrom('Order as o')
    .leftJoin('PauseState as wp', (join) =>
      join
        .onRef('wp.connectorId', '=', 'o.connectorId')
        .onRef('wp.tenantId', '=', 'o.tenantId')
        .on('wp.paused', '=', true),
    )
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('Order as a')
          .select(['a.id', 'a.kind', 'a.status'])
          .where('o.status', '=', 'planned')
          .whereRef('a.tenantId', '=', 'o.tenantId')
          .whereRef('a.connectorId', '=', 'o.connectorId')
          .whereRef('a.queue', '=', 'o.queue')
          .whereRef('a.position', '<', 'o.position')
          .where('a.status', 'in', blockingStatuses)
          .orderBy('a.position')
          .limit(1)
          .as('wa'),
      (join) => join.onTrue(),
    )
    .leftJoin('Subscription as ws', (join) =>
      join.onRef('ws.id', '=', 'o.subscriptionId').onRef('ws.tenantId', '=', 'o.tenantId'),
    )
    .select(wait.as('wait'))
    .where('o.tenantId', '=', tenantId);

/** Where an order came from: Work 365, a scheduled change, or a person or program that calls our API. */
export const orderSources = ['work365', 'schedule', 'api'] as const;
export type OrderSource = (typeof orderSources)[number];

export const sourceOf = (order: Pick<OrderRow, 'scheduledChangeId' | 'requestedBy'>): OrderSource =>
  order.scheduledChangeId !== null ? 'schedule' : order.requestedBy.startsWith(work365) ? 'work365' : 'api';

/** How the names of those begin for whom rest-provider orders; the rest is the label of their API key. */
const work365 = 'work365 ';

export interface OrderFilter {
  status?: readonly OrderStatus[];
  kind?: OrderKind;
  connectorId?: string;
  providerAccountId?: string;
  subscriptionId?: string;
  waitingFor?: OrderWaitCause;
  source?: OrderSource;
  requestedFrom?: string;
  requestedTo?: string;
  /** Part of the marker, CMP's order number, the product's or the customer's name. */
  q?: string;
}

const sources = {
  schedule: sql<boolean>`o.scheduled_change_id is not null`,
  work365: sql<boolean>`o.scheduled_change_id is null and starts_with(o.requested_by, ${work365})`,
  api: sql<boolean>`o.scheduled_change_id is null and not starts_with(o.requested_by, ${work365})`,
};

/** Those that the filter finds, with their customers. */
const matching = (em: EntityManager, tenantId: string, filter: OrderFilter) => {
  const { status, waitingFor, source, requestedFrom, requestedTo, q, providerAccountId } = filter;
  const { kind, connectorId, subscriptionId } = filter;
  const equal = { 'o.kind': kind, 'o.connectorId': connectorId };
  return ordersThatWait(em, tenantId)
    .leftJoin('ProviderAccount as c', (join) =>
      join
        .onRef('c.tenantId', '=', 'o.tenantId')
        .onRef('c.connectorId', '=', 'o.connectorId')
        .on(sql<boolean>`c.cmp_account_id = o.record -> 'spec' ->> 'cmpAccountId'`),
    )
    .where((eb) => eb.and(given({ ...equal, 'c.id': providerAccountId })))
    .$if(subscriptionId !== undefined, (query) => query.where(isOfSubscription(tenantId, subscriptionId!)))
    .$if(status !== undefined, (query) => query.where('o.status', 'in', [...status!]))
    .$if(waitingFor !== undefined, (query) => query.where(waitCause, '=', waitingFor!))
    .$if(source !== undefined, (query) => query.where(sources[source!]))
    .$if(requestedFrom !== undefined, (query) => query.where('o.createdAt', '>=', new Date(requestedFrom!)))
    .$if(requestedTo !== undefined, (query) => query.where('o.createdAt', '<', new Date(requestedTo!)))
    .$if(q !== undefined, (query) =>
      query.where(
        sql<boolean>`concat_ws(' ', o.record ->> 'marker', o.record ->> 'cmpOrderNumber',
          o.record -> 'spec' -> 'product' ->> 'name', ws.name, c.name) ilike ${anywhere(q!)}`,
      ),
    );
};

/** Placed for a subscription, or the purchase that made it; each found by an index of its own, so what they ask for is no parameter. */
const isOfSubscription = (tenantId: string, subscriptionId: string) => sql<boolean>`o.id in (
  select id from orders where tenant_id = ${tenantId} and subscription_id = ${subscriptionId}
  union all select p.id from subscriptions m join orders p on p.tenant_id = m.tenant_id and p.connector_id = m.connector_id
    and p.cmp_subscription_id = m.cmp_subscription_id and p.kind = 'create' and p.status = 'settled'
  where m.tenant_id = ${tenantId} and m.id = ${subscriptionId})`;

/** The subscription that a purchase made, once it is known here. */
const madeSubscription = sql<string | null>`case when o.kind = 'create' then (select m.id from subscriptions m
  where m.tenant_id = o.tenant_id and m.connector_id = o.connector_id and m.cmp_subscription_id = o.cmp_subscription_id) end`;

const account = sql<OrderAccount | null>`case when c.id is not null
  then json_build_object('id', c.id, 'name', c.name) end`;

/** Ordered newest first; returns `limit + 1` rows if there are more pages. */
export function listOrders(
  em: EntityManager,
  tenantId: string,
  filter: OrderFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<OrderRow[]> {
  return matching(em, tenantId, filter)
    .selectAll('o')
    .select(account.as('account'))
    .select([madeSubscription.as('madeSubscriptionId'), 'ws.name as subscriptionName'])
    .$if(after !== undefined, (query) => query.where('o.position', '<', String(after![0])))
    .orderBy('o.position', 'desc')
    .limit(limit + 1)
    .execute();
}

/** @throws OrderNotFound */
export async function readOrder(em: EntityManager, tenantId: string, id: string): Promise<OrderRow> {
  const row = await matching(em, tenantId, {})
    .selectAll('o')
    .select(account.as('account'))
    .select([madeSubscription.as('madeSubscriptionId'), 'ws.name as subscriptionName'])
    .where('o.id', '=', id)
    .executeTakeFirst();
  if (!row) throw new OrderNotFound(id);
  return row;
}

/** How many orders have each status, and the oldest of them. */
export const countOrders = (em: EntityManager, tenantId: string, filter: OrderFilter) =>
  matching(em, tenantId, filter)
    .clearSelect()
    .select([
      'o.status',
      sql<number>`count(*)::int`.as('orders'),
      sql<string>`min(o.created_at)`.as('oldestAt'),
    ])
    .groupBy('o.status')
    .execute();

export async function readOrderHistory(em: EntityManager, tenantId: string, orderId: string) {
  const found = await statements(em)
    .selectFrom('OrderHistory')
    .select(['at', 'status', 'reason', 'by'])
    .where('tenantId', '=', tenantId)
    .where('orderId', '=', orderId)
    .orderBy('id')
    .execute();
  return found.map((row) => ({ ...row, at: isoTime(row.at) }));
}

/** The states of these orders of a connector, oldest first. */
export const readOrderStates = (
  em: EntityManager,
  tenantId: string,
  connectorId: string,
  ids: readonly string[],
): Promise<OrderStateRow[]> =>
  ordersThatWait(em, tenantId)
    .leftJoin('Subscription as s', (join) =>
      join
        .onRef('s.tenantId', '=', 'o.tenantId')
        .onRef('s.connectorId', '=', 'o.connectorId')
        .onRef('s.cmpSubscriptionId', '=', 'o.cmpSubscriptionId'),
    )
    .select(['o.id', 'o.record'])
    .select((eb) => eb.fn.coalesce('o.subscriptionId', 's.id').as('subscriptionId'))
    .where('o.connectorId', '=', connectorId)
    .where(sql<boolean>`o.id = any(${ids}::uuid[])`)
    .orderBy('o.position')
    .execute();

/**
 * The orders of a subscription that are neither final nor scheduled for the renewal, oldest first: another one has to wait for
 * them.
 */
export const ordersUnderWay = (em: EntityManager, tenantId: string, subscriptionId: string) =>
  statements(em)
    .selectFrom('Order')
    .select(['id', 'kind', 'status'])
    .where('tenantId', '=', tenantId)
    .where('subscriptionId', '=', subscriptionId)
    .where('status', 'in', blockingStatuses)
    .orderBy('position')
    .execute();

/** The inputs of a decision about an order that other orders, changes and settings determine. */
export interface OrderSituation {
  context: OrderContext;
  /** What a change of the subscription that takes effect immediately would drop; see `scheduledChangesLost`. */
  lost: LostChange[];
}

/** The expressions that stand for the object of an order in a statement. */
interface OrderedThing {
  tenant: string;
  connector: string;
  cmpAccount: string;
  queue: string;
  /** Ours, and CMP's; null for a purchase. */
  subscription: string;
  cmpSubscription: string;
}

/** The fields of `OrderContext`. Not typed: read for every command, and planned once, because that takes longer than running it. */
function contextFields(of: OrderedThing): Record<keyof OrderContext, string> {
  const account = `
    from provider_accounts a join account_links l on l.tenant_id = a.tenant_id and l.provider_account_id = a.id
    where a.tenant_id = ${of.tenant} and a.connector_id = ${of.connector} and a.cmp_account_id = ${of.cmpAccount}
      and l.tenant_account_id is not null`;
  const blocking = `(${blockingStatuses.map((status) => `'${status}'`).join(', ')})`;
  // Not proved yet; a sync may already see its seats.
  const unproved = `o.queue = ${of.queue} and o.status in ${blocking} and o.kind = 'change-quantity'`;
  return {
    linked: `exists(select 1 ${account})`,
    underContract: `case when ${of.subscription} is null
      then exists(select 1 ${account} and exists(select 1 from billing_contracts c
        where c.tenant_id = ${of.tenant} and c.tenant_account_id = l.tenant_account_id and c.is_default))
      else exists(select 1 from subscriptions b where b.tenant_id = ${of.tenant} and b.id = ${of.subscription}
        and b.billing_contract_id is not null) end`,
    pause: `(select json_build_object('automatic', p.automatic, 'detail', p.detail, 'nextStep', p.next_step, 'by', p.by)
      from connector_pauses p where p.tenant_id = ${of.tenant} and p.connector_id = ${of.connector} and p.paused)`,
    ahead: `(select json_build_object('id', o.id, 'kind', o.kind, 'status', o.status) from orders o
      where o.tenant_id = ${of.tenant} and o.connector_id = ${of.connector} and o.queue = ${of.queue}
        and o.status in ${blocking} order by o.position limit 1)`,
    account: `(select json_build_object('id', a.id, 'name', a.name) from provider_accounts a
      where a.tenant_id = ${of.tenant} and a.connector_id = ${of.connector} and a.cmp_account_id = ${of.cmpAccount})`,
    guard: `json_build_object('settings', (select g.guard from connector_guards g where g.tenant_id = ${of.tenant} and g.connector_id = ${of.connector}),
      'recent', (select coalesce(json_agg(${recentOrder} order by o.position), '[]') from orders o
        where o.tenant_id = ${of.tenant} and o.connector_id = ${of.connector} and (${unproved}
          or o.cmp_subscription_id = ${of.cmpSubscription} and o.status = 'settled' and o.kind in ('create', 'change-quantity')
            and o.updated_at > now() - interval '1 day')))`,
  };
}

const contextSql = (of: OrderedThing): string =>
  `json_build_object(${Object.entries(contextFields(of))
    .map(([field, value]) => `'${field}', ${value}`)
    .join(', ')})`;

const lostSql = ({ tenant, subscription }: OrderedThing): string =>
  `(select coalesce(json_agg(d), '[]') from (${lostChangesSql(tenant, subscription)}) d)`;

/** As `queueKey` has it for everything but a purchase. */
const ofSubscription: OrderedThing = {
  tenant: 's.tenant_id',
  connector: 's.connector_id',
  cmpAccount: 's.cmp_account_id',
  queue: `'subscription ' || s.cmp_subscription_id`,
  subscription: 's.id',
  cmpSubscription: 's.cmp_subscription_id',
};

const agreedWithSituation = compiledOnce((em, tenantId: string, id: string) =>
  readAsAgreed(em, tenantId)
    .select(sql<OrderContext>`${sql.raw(contextSql(ofSubscription))}`.as('orderContext'))
    .select(sql<LostChange[]>`${sql.raw(lostSql(ofSubscription))}`.as('lostChanges'))
    .where('s.id', '=', id),
);

/**
 * A subscription as agreed, with what decides about an order for it, in one round trip.
 * @throws SubscriptionNotFound
 */
export async function readForOrder(
  em: EntityManager,
  tenantId: string,
  id: string,
): Promise<{ subscription: SubscriptionRow; situation: OrderSituation }> {
  const [found] = await agreedWithSituation(em, tenantId, id);
  if (!found) throw new SubscriptionNotFound(id);
  const { orderContext: context, lostChanges: lost, ...row } = found;
  return { subscription: agreed(row), situation: { context, lost } };
}

/** An order, as far as its situation depends on it. */
interface SituatedOrder {
  connectorId: string;
  subscriptionId: string | null;
  spec: OrderSpec;
}

const ofOrder: OrderedThing = {
  tenant: '$1',
  connector: '$2',
  cmpAccount: '$3',
  queue: '$4',
  subscription: '$5::uuid',
  cmpSubscription: '$6',
};

const valuesOf = ({ connectorId, subscriptionId, spec }: SituatedOrder): unknown[] => {
  const atCmp = spec.kind === 'create' ? null : spec.cmpSubscriptionId;
  return [connectorId, spec.cmpAccountId, queueKey(spec), subscriptionId, atCmp];
};

const situation = `select ${contextSql(ofOrder)} as context, ${lostSql(ofOrder)} as lost`;

export async function readOrderSituation(rows: TenantRows, order: SituatedOrder): Promise<OrderSituation> {
  type Found = OrderSituation & Record<string, unknown>;
  const [found] = await rows.select<Found>(situation, valuesOf(order), 'order-situation');
  return found!;
}

/** The inputs of a decision about a purchase. */
export interface PurchaseSituation extends PurchaseFacts {
  context: OrderContext;
  /** The response that the request got before. */
  stored: StoredResponse | null;
}

const purchaseSituation = `select ${contextSql(ofOrder)} as context, ${storedResponseSql('$1', '$8', '$9')} as stored, bought.*
  from (${purchasesSql('$1', '$2', '$7')}) bought`;

/** Meaningful only under the lock of `purchasesLock`, which the transaction of the purchase holds. */
export async function readPurchaseSituation(
  rows: TenantRows,
  { connectorId, spec }: { connectorId: string; spec: CreateSpec },
  { route, key }: IdempotentRequest,
): Promise<PurchaseSituation> {
  const values = [
    ...valuesOf({ connectorId, subscriptionId: null, spec }),
    purchasesOfPart(spec),
    route,
    key,
  ];
  type Found = PurchaseSituation & Record<string, unknown>;
  const [found] = await rows.select<Found>(purchaseSituation, values, 'purchase-situation');
  return found!;
}

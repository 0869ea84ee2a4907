/* eslint max-lines: ["error", 600] -- every statement that writes an order, side by side */
import { randomUUID } from 'node:crypto';
import { activeTraceparent, emitMany, type NewEvent } from '@isthmus/messaging';
import {
  acrossTenants,
  ApiResponse,
  audit,
  auditEffect,
  clientIn,
  earlierResponse,
  type IdempotentRequest,
  idempotentStatement,
  inTenant,
  inTransaction,
  type Parameter,
  type Principal,
  TenantRows,
  transaction,
} from '@isthmus/service-kit';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Pool, type PoolClient } from 'pg';
import { SubscriptionLifecycleEnv } from '../config.ts';
import { QuoteUsed } from '../quotes/quote.ts';
import {
  cancelScheduledChanges,
  type CancelScope,
  followOrder,
  proposeAgain,
  wipe,
} from '../scheduled-changes/scheduled-change.store.ts';
import { dropsScheduled, wipedAtCmp } from '../scheduled-changes/scheduled-change.ts';
import { explainSubscription, lockAtCmp } from '../subscriptions/provider-order.store.ts';
import { fromNow, statements } from '../tables.ts';
import { approve, holdForApproval, OrderSuperseded, QuoteNeeded } from './guard/approval.ts';
import { lockPurchases, recentPurchases } from './guard/guard.store.ts';
import { type GuardedOrder, type GuardFacts, isSameProduct, evaluateOrder } from './guard/order-guard.ts';
import { auditedPlacement, auditedState, orderEvent } from './order-events.ts';
import { blockingStatuses, finalStatuses } from './order-lifecycle.ts';
import type { OrderRow } from './order.entity.ts';
import { OrderNotFound } from './order.errors.ts';
import {
  type Consent,
  newOrder,
  type ObservedOrder,
  type OrderReason,
  type OrderRecord,
  type OrderTerms,
  queueKey,
} from './order.ts';
import { nextStep, requestWithdrawal } from './protocol/order-policy.ts';
import {
  type ClaimedOrder,
  LeaseLost,
  type OrderStore,
  type SaveMore,
  StoreFailed,
} from './protocol/ordering.ts';
import { defaultRetryPolicy } from './protocol/retry-policy.ts';

/**
 * The orders in PostgreSQL: for users and other services, and, with leases, for workers. Leases and due dates use the database's
 * clock.
 */
@Injectable()
export class PostgresOrderStore implements OrderStore {
  constructor(
    private readonly pool: Pool,
    private readonly orm: MikroORM,
    private readonly env: SubscriptionLifecycleEnv,
  ) {}

  /** The response that a command got before; null when it is new. */
  earlierResponse(request: IdempotentRequest): Promise<ApiResponse | null> {
    return earlierResponse(this.pool, request);
  }

  /**
   * Accepts a command: one statement stores the key, the response, the order and its history, so that of several concurrent
   * requests with the same key one is placed and all get its response.
   * @param render the response for a new order; a repetition gets the stored one, unchanged
   * @throws QuoteUsed, QuoteNeeded
   */
  async place(
    request: IdempotentRequest,
    placement: OrderPlacement,
    render: (record: OrderRecord) => ApiResponse,
  ): Promise<ApiResponse> {
    try {
      const record = placement.spec.kind === 'create' ? null : guardedRecord(placement);
      if (record?.status !== 'planned') return await this.#placeAlone(request, placement, render);
      return await idempotentStatement(this.pool, request, render(record), (p) =>
        insertOrder(placement, record, p),
      );
    } catch (error) {
      throw placement.quoteId && isQuoteUsed(error) ? new QuoteUsed(placement.quoteId) : error;
    }
  }

  /**
   * Places a purchase, or an order that needs approval: in a transaction, because purchases are counted before they are stored,
   * and the need for approval is published.
   */
  #placeAlone(
    request: IdempotentRequest,
    placement: OrderPlacement,
    render: (record: OrderRecord) => ApiResponse,
  ): Promise<ApiResponse> {
    const place = async (client: PoolClient) => {
      const { connectorId, spec } = placement;
      await lockPurchases(client, connectorId);
      const earlier = await earlierResponse(client, request);
      if (earlier) return earlier;
      const rows = TenantRows.of(client, placement.tenantId);
      const bought = spec.kind === 'create' ? await recentPurchases(rows, connectorId, spec) : undefined;
      const record = guardedRecord(placement, bought);
      const answer = await idempotentStatement(client, request, render(record), (p) =>
        insertOrder(placement, record, p),
      );
      if (!answer.headers['idempotency-replayed']) await emitMany(client, heldEvent(placement, record));
      return answer;
    };
    return inTenant(placement.tenantId, () => inTransaction(this.pool, place));
  }

  /** Applies a user's decision. A worker that has claimed the order has its next write rejected and reads the order again. */
  change(
    { tenantId, subject }: Principal,
    id: string,
    change: (order: OrderRecord, now: number, row: OrderRow) => OrderRecord,
    said: Decided<'withdraw' | 'retry' | 'resolve' | 'reject'>,
  ): Promise<OrderRow> {
    return this.#change({ tenantId, subject }, id, (row) => change(row.record, Date.now(), row), said);
  }

  /**
   * Approves an order and moves it to the end of its queue, behind orders placed in the meantime.
   * @throws the errors of `approve`; OrderSuperseded if one of those orders concerns the same seats: the earlier total would undo
   * the later one
   */
  approve(user: Principal, id: string, hash: string): Promise<OrderRow> {
    const decide = async (row: OrderRow, em: EntityManager) => {
      const next = approve(row.record, row, { by: user.subject, hash }, Date.now());
      const later = await moveToEndOfQueue(em, row);
      if (later) throw new OrderSuperseded(id, later);
      return next;
    };
    return this.#change(user, id, decide, { decision: 'approve' });
  }

  #change(
    { tenantId, subject }: Pick<Principal, 'tenantId' | 'subject'>,
    id: string,
    change: (row: OrderRow, em: EntityManager) => OrderRecord | Promise<OrderRecord>,
    { decision, reason }: Decided,
  ): Promise<OrderRow> {
    return this.#transaction(tenantId, async (em) => {
      const seen = await statements(em)
        .selectFrom('Order')
        .select(['tenantId', 'connectorId', 'record'])
        .where('tenantId', '=', tenantId)
        .where('id', '=', id)
        .executeTakeFirst();
      if (seen) await lockForSettling(em, seen, seen.record);
      const row = await lockedOrders(em)
        .where('tenantId', '=', tenantId)
        .where('id', '=', id)
        .executeTakeFirst();
      if (!row) throw new OrderNotFound(id);
      const next = await change(row, em);
      const version = await writeOrder(em, row, next, subject);
      const [before, after] = [auditedState(row.record), auditedState(next)];
      await audit(em, { tenantId, action: `order.${decision}`, thing: ['order', id], before, after, reason });
      return { ...row, record: next, version };
    });
  }

  claimDue(worker: string): Promise<ClaimedOrder | null> {
    return storeCall(async () => {
      const { rows } = await acrossTenants('claim an order', () =>
        this.pool.query<ClaimedOrder>({
          name: 'order-claim',
          text: claim,
          values: [worker, this.env.ORDER_LEASE_MS, blockingStatuses],
        }),
      );
      return rows[0] ?? null;
    });
  }

  save(claimed: ClaimedOrder, next: OrderRecord, { shownAfter }: SaveMore = {}): Promise<ClaimedOrder> {
    return storeCall(() =>
      this.#transaction(claimed.tenantId, async (em) => {
        if (next.status === 'settled') await lockForSettling(em, claimed, next);
        const row = await lockedOrders(em)
          .where('id', '=', claimed.order.id)
          .where('fence', '=', claimed.fence)
          .where('version', '=', claimed.version)
          .executeTakeFirst();
        if (!row) throw new LeaseLost(claimed.order.id, claimed.fence);
        const version = await writeOrder(em, row, next, claimed.order.id);
        if (shownAfter !== undefined) await recordPace(em, row, Math.round(shownAfter));
        const longestSeen = Math.max(claimed.longestSeen, shownAfter ?? 0);
        return { ...claimed, order: next, version, longestSeen };
      }),
    );
  }

  release({ order, fence, tenantId }: ClaimedOrder): Promise<void> {
    const release = async () => {
      await statements(this.orm.em.fork())
        .updateTable('Order')
        .set({ leasedUntil: null, leasedBy: null })
        .where('id', '=', order.id)
        .where('fence', '=', fence)
        .execute();
    };
    return storeCall(() => inTenant(tenantId, release));
  }

  /** Runs within the order's tenant, in which its steps are executed. */
  recordLateResponse(orderId: string, answer: ObservedOrder): Promise<void> {
    return storeCall(() =>
      transaction(this.orm, async (em) => {
        const row = await lockedOrders(em).where('id', '=', orderId).executeTakeFirst();
        if (!row) return;
        const next = { ...row.record, lateAnswer: answer, nextStepAt: Date.now() };
        await writeOrder(em, row, next, 'late answer');
      }),
    );
  }

  #transaction<T>(tenantId: string, work: (em: EntityManager) => Promise<T>): Promise<T> {
    return inTenant(tenantId, () => transaction(this.orm, work));
  }
}

/** An order command, after all checks that need no call to CMP. */
interface OrderPlacement extends Pick<GuardedOrder, 'spec' | 'basis' | 'canQuote'> {
  tenantId: string;
  connectorId: string;
  subscriptionId: string | null;
  /** The inputs of the order guard. */
  guard: Omit<GuardFacts, 'purchases'>;
  consent: Consent;
  terms?: OrderTerms;
  warnings?: readonly OrderReason[];
  requestedBy: string;
  correlationId: string;
  /** The quote that was agreed to; none has two orders. */
  quoteId?: string | undefined;
  /** The scheduled change that the order carries out; none has two. */
  scheduledChangeId?: string;
}

/** A user's decision about an order, and the reason. */
interface Decided<D extends string = 'withdraw' | 'retry' | 'resolve' | 'approve' | 'reject'> {
  decision: D;
  reason?: string;
}

/**
 * Places an order within the caller's transaction, for a command that cannot be repeated. None of these is a purchase.
 * @returns the id of the order
 */
export async function placeOrderWithin(em: EntityManager, placement: OrderPlacement): Promise<string> {
  const record = guardedRecord(placement);
  const values: unknown[] = [];
  const effect = insertOrder(placement, record, (value) => `$${values.push(value)}`);
  await clientIn(em).query(`with fresh as (select 1), ${effect} select 1`, values);
  await emitMany(clientIn(em), heldEvent(placement, record));
  return record.id;
}

/**
 * Creates the record of a new order, whoever requests it; the record awaits approval if the guard requires it. Every stored order
 * has passed through here.
 * @param bought for a purchase: the purchases of the last day
 * @throws QuoteNeeded
 */
function guardedRecord(
  placement: OrderPlacement,
  bought: Pick<GuardFacts, 'purchases' | 'recent'> = { purchases: 0, recent: placement.guard.recent },
): OrderRecord {
  const { spec, consent, terms, warnings, quoteId, guard, connectorId } = placement;
  const verdict = evaluateOrder({ ...placement, quoted: quoteId !== undefined }, { ...guard, ...bought });
  if (verdict.needs === 'quote') throw new QuoteNeeded(verdict.reached, connectorId);
  const record = newOrder(randomUUID(), spec, consent, Date.now(), {
    ...(terms ? { terms } : {}),
    ...(warnings ? { warnings } : {}),
  });
  return verdict.needs === 'nothing' ? record : holdForApproval(record, placement, verdict, Date.now());
}

/** The events of a new order: that an approval is needed, or none. */
const heldEvent = (placement: OrderPlacement, record: OrderRecord): NewEvent[] =>
  orderEvent({ ...placement, id: record.id, record: { ...record, status: 'planned' } }, record, 1);

const isQuoteUsed = (error: unknown): boolean =>
  (error as { constraint?: string }).constraint === 'orders_of_quote';

/**
 * The writes of placing an order, as CTEs, not typed: they are one statement with the key of the command. The lock makes
 * positions of a queue follow the order of commits, so that no order ever appears ahead of one that is already being carried out.
 */
function insertOrder(placement: OrderPlacement, record: OrderRecord, p: Parameter): string {
  const queue = queueKey(placement.spec);
  const id = p(record.id);
  const tenant = p(placement.tenantId);
  const status = `${p(record.status)}::text`;
  const due = `now() + make_interval(secs => ${p((record.nextStepAt - record.requestedAt) / 1_000)})`;
  return `
    alone as (select pg_advisory_xact_lock(hashtextextended(${p(`${placement.connectorId} ${queue}`)}, 0)) from fresh),
    placed as (
      insert into orders (id, tenant_id, connector_id, queue, kind, status, record, next_step_at, subscription_id, requested_by, correlation_id,
        traceparent, scheduled_change_id, quote_id)
      select ${id}::uuid, ${tenant}::uuid, ${p(placement.connectorId)}::uuid, ${p(queue)}, ${p(placement.spec.kind)}, ${status},
        ${p(JSON.stringify(record))}::json, ${due}, ${p(placement.subscriptionId)}::uuid, ${p(placement.requestedBy)}, ${p(placement.correlationId)},
        ${p(activeTraceparent() ?? null)}, ${p(placement.scheduledChangeId ?? null)}::uuid,
        ${p(placement.quoteId ?? null)}::uuid
      from alone returning id, tenant_id),
    recorded as (
      insert into order_history (tenant_id, order_id, status, reason, by)
      select tenant_id, id, ${status}, ${p(record.reason && JSON.stringify(record.reason))}::json, ${p(placement.requestedBy)} from placed),
    ${auditEffect(auditedPlacement(placement, record), 'placed', p)}`;
}

/** Whole rows, locked until the transaction ends. */
const lockedOrders = (em: EntityManager) => statements(em).selectFrom('Order').selectAll().forUpdate();

/**
 * Moves an order whose row is locked to the end of its queue, behind orders placed since.
 * @returns the id of a later, effective order for the same seats or the whole subscription
 */
async function moveToEndOfQueue(em: EntityManager, row: OrderRow): Promise<string | undefined> {
  const { id, connectorId, queue, tenantId } = row;
  await clientIn(em).query(lockQueue, [`${connectorId} ${queue}`]);
  await statements(em)
    .updateTable('Order')
    .set({ position: sql<string>`default` })
    .where('id', '=', id)
    .execute();
  const { spec } = row.record;
  if (spec.kind !== 'change-quantity') return undefined;
  const later = await statements(em)
    .selectFrom('Order')
    .select(['id', 'record'])
    .where('tenantId', '=', tenantId)
    .where('subscriptionId', '=', row.subscriptionId)
    .where('createdAt', '>', (eb) => eb.selectFrom('Order as o').select('o.createdAt').where('o.id', '=', id))
    .where('kind', 'in', ['change-quantity', 'cancel'])
    .where('status', 'not in', ['refused', 'withdrawn', 'awaiting-approval'])
    .execute();
  return later.find(
    ({ record: { spec: other } }) =>
      other.kind === 'cancel' ||
      (other.kind === 'change-quantity' && isSameProduct(other.product, spec.product)),
  )?.id;
}

const lockQueue = 'select pg_advisory_xact_lock(hashtextextended($1, 0))';

/** Stores an order whose row is locked, with its history and event. @returns the new version */
async function writeOrder(em: EntityManager, row: OrderRow, next: OrderRecord, by: string): Promise<number> {
  const now = Date.now();
  // Evaluated at the due time, because an order that rests now may have to be processed then. An order that rests has no due
  // date.
  const rests = nextStep(next, Math.max(now, next.nextStepAt), defaultRetryPolicy) === 'none';
  const inMs = Math.max(0, Math.round(next.nextStepAt - now));
  const { version } = await statements(em)
    .updateTable('Order')
    .set((eb) => ({
      status: next.status,
      record: next,
      version: eb('version', '+', 1),
      updatedAt: sql<Date>`now()`,
      nextStepAt: rests ? null : fromNow(inMs / 1_000),
    }))
    .where('id', '=', row.id)
    .returning('version')
    .executeTakeFirstOrThrow();
  const { status, reason } = row.record;
  if (status !== next.status || reason?.code !== next.reason?.code)
    await statements(em)
      .insertInto('OrderHistory')
      .values({
        tenantId: row.tenantId,
        orderId: row.id,
        status: next.status,
        reason: next.reason,
        by: by === row.id ? 'worker' : by,
      })
      .execute();
  await emitMany(clientIn(em), orderEvent(row, next, version));
  if (status !== next.status) await applyToScheduledChanges(em, row, next, now);
  if (status !== 'settled' && next.status === 'settled') await explainBySettled(em, row, next);
  return version;
}

/**
 * Applies a step of an order to scheduled changes, in the step's transaction: the order's own scheduled change follows the order.
 * If CMP dropped a change that it held for the renewal, or an immediate change made it do so, that change is proposed again, and
 * CMP is requested to drop it too, so that it does not take effect in addition to its proposal.
 */
async function applyToScheduledChanges(
  em: EntityManager,
  row: OrderRow,
  next: OrderRecord,
  now: number,
): Promise<void> {
  await followOrder(em, row, next);
  if (wipedAtCmp(next)) await proposeAgain(em, row, 'it was cancelled at CMP');
  if (!dropsScheduled(next)) return;
  const dropped = await keptByCmp(em, row);
  for (const kept of dropped) {
    await wipe(em, kept, row.id);
    if (next.spec.kind !== 'cancel')
      await proposeAgain(em, kept, `order ${row.id} changed the subscription immediately`);
  }
  for (const kept of dropped) await writeOrder(em, kept, requestWithdrawal(kept.record, now), row.id);
}

/**
 * Orders of a queue run one after the other, so every order that is scheduled now was scheduled before this one was sent. An
 * order that is already being withdrawn is not counted as dropped.
 */
function keptByCmp(em: EntityManager, { connectorId, queue, tenantId }: OrderRow): Promise<OrderRow[]> {
  return lockedOrders(em)
    .where('tenantId', '=', tenantId)
    .where('connectorId', '=', connectorId)
    .where('queue', '=', queue)
    .where('status', '=', 'scheduled')
    .where(sql<boolean>`record ->> 'withdrawRequested' = 'false'`)
    .orderBy('position')
    .execute();
}

/**
 * Rows that an order also writes when it settles are locked before the order itself, in the lock order of this service: a
 * subscription, its scheduled changes that are not ordered, its orders by position, and their scheduled changes. The event of a
 * transfer also locks the subscription first, so that no deadlock can occur.
 */
async function lockForSettling(
  em: EntityManager,
  { tenantId, connectorId }: Pick<OrderRow, 'tenantId' | 'connectorId'>,
  { id, spec, cmpSubscriptionId }: OrderRecord,
): Promise<void> {
  if (cmpSubscriptionId !== null) await lockAtCmp(em, { tenantId, connectorId, cmpSubscriptionId });
  await statements(em)
    .selectFrom('Order')
    .select('id')
    .where('tenantId', '=', tenantId)
    .where((eb) =>
      eb.or([eb('id', '=', id), eb.and({ connectorId, queue: queueKey(spec), status: 'scheduled' })]),
    )
    .orderBy('position')
    .forUpdate()
    .execute();
}

/** Records that the order explains the values that were read from the subscription while it was in progress. */
async function explainBySettled(
  em: EntityManager,
  { id: orderId, tenantId, connectorId, correlationId }: OrderRow,
  { spec, cmpSubscriptionId }: OrderRecord,
): Promise<void> {
  if (cmpSubscriptionId === null || (spec.kind !== 'create' && spec.kind !== 'change-quantity')) return;
  await explainSubscription(em, { tenantId, connectorId, cmpSubscriptionId }, { correlationId, orderId });
}

/** Remembers how long CMP may take to show an order of this connector. */
const recordPace = async (em: EntityManager, { connectorId, tenantId }: OrderRow, longestSeenMs: number) =>
  statements(em)
    .insertInto('CmpPace')
    .values({ connectorId, tenantId, longestSeenMs })
    .onConflict((conflict) =>
      conflict.column('connectorId').doUpdateSet((eb) => ({
        longestSeenMs: eb.fn('greatest', ['CmpPace.longestSeenMs', 'excluded.longestSeenMs']),
      })),
    )
    .execute();

const kept = `(
    select json_agg(json_build_object('scheduledChangeId', k.scheduled_change_id, 'orderId', k.id,
      'mpn', k.record -> 'spec' -> 'product' ->> 'mpn', 'seats', k.record -> 'spec' -> 'seats'))
    from orders k where k.connector_id = o.connector_id and k.queue = o.queue and k.status = 'scheduled'
      and k.record ->> 'withdrawRequested' = 'false')`;

/**
 * Claims the order that is due first and neither leased nor behind another one of its queue, and raises its fence, in one
 * statement with all data for a step. This statement makes an order exclusive to one worker and is executed most often: it is
 * written as SQL, and named, so that it is planned once per connection.
 */
const claim = `
  with due as (
    select id from orders d
    where next_step_at <= now() and (leased_until is null or leased_until < now())
      and (status <> 'planned' or not exists (
        select 1 from orders ahead where ahead.connector_id = d.connector_id and ahead.queue = d.queue
          and ahead.position < d.position and ahead.status = any($3)))
    order by next_step_at limit 1 for update skip locked),
  claimed as (
    update orders o set fence = fence + 1, version = version + 1, leased_by = $1,
      leased_until = now() + make_interval(secs => $2 / 1000.0)
    from due where o.id = due.id returning o.*)
  select o.tenant_id as "tenantId", o.connector_id as "connectorId", o.record as order, o.fence, o.version,
    coalesce(p.longest_seen_ms, 0)::float8 as "longestSeen", s.state -> 'lots' as lots, ${kept} as kept, o.traceparent
  from claimed o left join cmp_pace p on p.connector_id = o.connector_id left join subscriptions s on s.id = o.subscription_id`;

/** Marks errors of the database: after one, it is unknown whether anything was stored. Failures of CMP are never marked. */
async function storeCall<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    throw new StoreFailed({ cause: error });
  }
}

/**
 * Cancels the scheduled changes of a subscription or connector, and applies `stop` to each of its open orders, in the caller's
 * transaction. A worker that has claimed an order has its next write rejected and reads the order again.
 * Planned changes are cancelled before the orders are locked, so that one that becomes due at this moment is either cancelled or
 * has its order among them; ordered changes follow afterwards, because the steps of an order lock both.
 */
export async function stopOrders(
  em: EntityManager,
  scope: CancelScope,
  why: OrderReason,
  stop: (order: OrderRecord, now: number) => OrderRecord,
  by: string,
): Promise<void> {
  await cancelScheduledChanges(em, scope, why, ['proposed', 'planned']);
  const rows = await lockedOrders(em)
    .where('tenantId', '=', scope.tenantId)
    .where(scope.of, '=', scope.id)
    .where('status', 'not in', finalStatuses)
    .orderBy('position')
    .execute();
  await cancelScheduledChanges(em, scope, why, ['ordered']);
  for (const row of rows) {
    const next = stop(row.record, Date.now());
    if (next !== row.record) await writeOrder(em, row, next, by);
  }
}

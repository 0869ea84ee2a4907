/* eslint max-lines: ["error", 600] -- every statement that writes an order, side by side */
import { randomUUID } from 'node:crypto';
import type { ProviderSubscriptionChangedV1 } from '@isthmus/contracts';
import { activeTraceparent, emitMany, type Statements } from '@isthmus/messaging';
import {
  Answer,
  earlierAnswer,
  type IdempotentRequest,
  idempotentStatement,
  inTransaction,
  type Parameter,
  type Principal,
} from '@isthmus/service-kit';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { SubscriptionLifecycleEnv } from '../config.ts';
import { QuoteUsed } from '../quotes/quote.ts';
import {
  cancelScheduledChanges,
  type CancelScope,
  followOrder,
  proposeAgain,
  wipe,
} from '../scheduled-changes/scheduled-change.store.ts';
import { dropsScheduled, type LostChange, wipedAtCmp } from '../scheduled-changes/scheduled-change.ts';
import { explainSubscription } from '../subscriptions/provider-order.store.ts';
import type { SeatLot } from '../subscriptions/rules/seat-lots.ts';
import { changedByOrder, type SubscriptionRow } from '../subscriptions/subscription.ts';
import { orderEvent } from './order-events.ts';
import { blockingStatuses } from './order-lifecycle.ts';
import { OrderNotFound } from './order.errors.ts';
import {
  type Consent,
  newOrder,
  type ObservedOrder,
  type OrderReason,
  type OrderRecord,
  type OrderRow,
  type OrderSpec,
  type OrderTerms,
  queueKey,
} from './order.ts';
import { nextStep, requestWithdrawal } from './protocol/order-policy.ts';
import {
  type HeldOrder,
  LeaseLost,
  type OrderStore,
  type SaveMore,
  StoreFailed,
} from './protocol/ordering.ts';
import { defaultRetryPolicy } from './protocol/retry-policy.ts';

export const orderColumns = `o.id, o.position, o.tenant_id as "tenantId", o.connector_id as "connectorId", o.queue, o.record, o.fence,
  o.version, o.subscription_id as "subscriptionId", o.scheduled_change_id as "scheduledChangeId", o.asked_by as "askedBy",
  o.correlation_id as "correlationId", o.created_at as "createdAt", o.updated_at as "updatedAt"`;

/**
 * The orders in PostgreSQL: as people and other services reach them, and, through leases, as workers do. Leases and due
 * dates are by the database's clock.
 */
@Injectable()
export class PostgresOrderStore implements OrderStore {
  constructor(
    private readonly pool: Pool,
    private readonly env: SubscriptionLifecycleEnv,
  ) {}

  /** The response that a command got before; null when it is new. */
  earlierAnswer(request: IdempotentRequest): Promise<Answer | null> {
    return earlierAnswer(this.pool, request);
  }

  /**
   * Accepts a command: one statement stores the key, the response, the order and its history, so that of several concurrent
   * requests with the same key one is placed and all get its response.
   * @param render the response for a new order; a repetition gets the stored one, unchanged
   * @throws QuoteUsed
   */
  async place(
    request: IdempotentRequest,
    placement: OrderPlacement,
    render: (record: OrderRecord) => Answer,
  ): Promise<Answer> {
    const record = recordFor(placement);
    try {
      return await idempotentStatement(this.pool, request, render(record), (p) =>
        insertOrder(placement, record, p),
      );
    } catch (error) {
      throw placement.quoteId && isQuoteUsed(error) ? new QuoteUsed(placement.quoteId) : error;
    }
  }

  /** Applies what a person decided. A worker that holds the order meanwhile is refused its next write and reads it again. */
  change(
    { tenantId, subject }: Principal,
    id: string,
    change: (order: OrderRecord, now: number) => OrderRecord,
  ): Promise<OrderRow> {
    return inTransaction(this.pool, async (client) => {
      const text = `select ${orderColumns} from orders o where tenant_id = $1 and id = $2 for update`;
      const { rows } = await client.query<OrderRow>(text, [tenantId, id]);
      const row = rows[0];
      if (!row) throw new OrderNotFound(id);
      const next = change(row.record, Date.now());
      const version = await writeOrder(client, row, next, subject);
      return { ...row, record: next, version };
    });
  }

  claimDue(worker: string): Promise<HeldOrder | null> {
    return storeCall(async () => {
      const { rows } = await this.pool.query<ClaimedRow>({
        name: 'order-claim',
        text: claim,
        values: [worker, this.env.ORDER_LEASE_MS, blockingStatuses],
      });
      return rows[0] ? toHeldOrder(rows[0]) : null;
    });
  }

  save(held: HeldOrder, next: OrderRecord, { shownAfter }: SaveMore = {}): Promise<HeldOrder> {
    return storeCall(() =>
      inTransaction(this.pool, async (client) => {
        const { rows } = await client.query<OrderRow>(
          `select ${orderColumns} from orders o where id = $1 and fence = $2 and version = $3 for update`,
          [held.order.id, held.fence, held.version],
        );
        const row = rows[0];
        if (!row) throw new LeaseLost(held.order.id, held.fence);
        const version = await writeOrder(client, row, next, held.order.id);
        if (shownAfter !== undefined)
          await client.query(pace, [row.connectorId, row.tenantId, Math.round(shownAfter)]);
        const longestSeen = Math.max(held.longestSeen, shownAfter ?? 0);
        return { ...held, order: next, version, longestSeen };
      }),
    );
  }

  release({ order, fence }: HeldOrder): Promise<void> {
    return storeCall(async () => {
      await this.pool.query(
        'update orders set leased_until = null, leased_by = null where id = $1 and fence = $2',
        [order.id, fence],
      );
    });
  }

  recordLateAnswer(orderId: string, answer: ObservedOrder): Promise<void> {
    return storeCall(() =>
      inTransaction(this.pool, async (client) => {
        const text = `select ${orderColumns} from orders o where id = $1 for update`;
        const { rows } = await client.query<OrderRow>(text, [orderId]);
        if (!rows[0]) return;
        await writeOrder(
          client,
          rows[0],
          { ...rows[0].record, lateAnswer: answer, nextStepAt: Date.now() },
          'late answer',
        );
      }),
    );
  }
}

/** A command to order, after everything that can be refused without CMP has been refused. */
interface OrderPlacement {
  tenantId: string;
  connectorId: string;
  subscriptionId: string | null;
  ask: OrderSpec;
  consent: Consent;
  terms?: OrderTerms;
  warnings?: readonly OrderReason[];
  askedBy: string;
  correlationId: string;
  /** The quote that was agreed to; none has two orders. */
  quoteId?: string | undefined;
  /** The scheduled change that the order carries out; none has two. */
  scheduledChangeId?: string;
}

/**
 * Places an order within the caller's transaction, for a command that cannot be repeated.
 * @returns the id of the order
 */
export async function placeOrderWithin(client: Statements, placement: OrderPlacement): Promise<string> {
  const record = recordFor(placement);
  const values: unknown[] = [];
  const effect = insertOrder(placement, record, (value) => `$${values.push(value)}`);
  await client.query(`with fresh as (select 1), ${effect} select 1`, values);
  return record.id;
}

const recordFor = ({ ask, consent, terms, warnings }: OrderPlacement): OrderRecord =>
  newOrder(randomUUID(), ask, consent, Date.now(), {
    ...(terms ? { terms } : {}),
    ...(warnings ? { warnings } : {}),
  });

const isQuoteUsed = (error: unknown): boolean =>
  (error as { constraint?: string }).constraint === 'orders_of_quote';

/**
 * The writes of placing an order, as CTEs. The lock makes positions in a queue follow the order of commits, so that no order
 * ever appears ahead of one that is already being carried out.
 */
function insertOrder(placement: OrderPlacement, record: OrderRecord, p: Parameter): string {
  const queue = queueKey(placement.ask);
  const id = p(record.id);
  const tenant = p(placement.tenantId);
  return `
    alone as (select pg_advisory_xact_lock(hashtextextended(${p(`${placement.connectorId} ${queue}`)}, 0)) from fresh),
    placed as (
      insert into orders (id, tenant_id, connector_id, queue, kind, status, record, next_step_at, subscription_id, asked_by, correlation_id,
        traceparent, scheduled_change_id, quote_id)
      select ${id}::uuid, ${tenant}::uuid, ${p(placement.connectorId)}::uuid, ${p(queue)}, ${p(placement.ask.kind)}, 'planned',
        ${p(JSON.stringify(record))}::json, now(), ${p(placement.subscriptionId)}::uuid, ${p(placement.askedBy)}, ${p(placement.correlationId)},
        ${p(activeTraceparent() ?? null)}, ${p(placement.scheduledChangeId ?? null)}::uuid,
        ${p(placement.quoteId ?? null)}::uuid
      from alone returning id, tenant_id),
    noted as (
      insert into order_history (tenant_id, order_id, status, by) select tenant_id, id, 'planned', ${p(placement.askedBy)} from placed)`;
}

type ClaimedRow = OrderRow & {
  longestSeen: string | null;
  lots: SeatLot[] | null;
  traceparent: string | null;
  kept: LostChange[] | null;
};

/** Stores an order whose row is locked, with its history and event. @returns the new version */
async function writeOrder(client: Statements, row: OrderRow, next: OrderRecord, by: string): Promise<number> {
  const now = Date.now();
  // No due date, because what rests now may have to be processed when its time comes.
  const rests = nextStep(next, Math.max(now, next.nextStepAt), defaultRetryPolicy) === 'rest';
  const inMs = rests ? null : Math.max(0, Math.round(next.nextStepAt - now));
  const { rows } = await client.query<{ version: number }>(update, [
    row.id,
    next.status,
    JSON.stringify(next),
    inMs,
  ]);
  const version = rows[0]!.version;
  const { status, reason } = row.record;
  if (status !== next.status || reason?.code !== next.reason?.code)
    await client.query(
      'insert into order_history (tenant_id, order_id, status, reason, by) values ($1, $2, $3, $4, $5)',
      [
        row.tenantId,
        row.id,
        next.status,
        next.reason && JSON.stringify(next.reason),
        by === row.id ? 'worker' : by,
      ],
    );
  await emitMany(client, orderEvent(row, next, version));
  if (status !== next.status) await applyToScheduledChanges(client, row, next, now);
  if (status !== 'settled' && next.status === 'settled') await explainBySettled(client, row, next);
  return version;
}

/**
 * Applies a step of an order to scheduled changes, in the step's transaction: its own follows the order. If CMP dropped what
 * it held for the renewal, or an immediate change made it do so, that is proposed again, and CMP is requested to drop it
 * too, so that it does not take effect in addition to its proposal.
 */
async function applyToScheduledChanges(
  client: Statements,
  row: OrderRow,
  next: OrderRecord,
  now: number,
): Promise<void> {
  await followOrder(client, row, next);
  if (wipedAtCmp(next)) await proposeAgain(client, row, 'it was cancelled at CMP');
  if (!dropsScheduled(next)) return;
  const dropped = await keptByCmp(client, row);
  for (const kept of dropped) {
    await wipe(client, kept, row.id);
    if (next.ask.kind !== 'cancel')
      await proposeAgain(client, kept, `order ${row.id} changed the subscription at once`);
  }
  for (const kept of dropped) await writeOrder(client, kept, requestWithdrawal(kept.record, now), row.id);
}

/**
 * Orders of a queue run one after the other: what is scheduled by now was so before this one was sent. What is
 * being withdrawn already is not dropped by it.
 */
async function keptByCmp(
  client: Statements,
  { connectorId, queue, tenantId }: OrderRow,
): Promise<OrderRow[]> {
  const { rows } = await client.query<OrderRow>(
    `select ${orderColumns} from orders o where tenant_id = $1 and connector_id = $2 and queue = $3 and status = 'scheduled'
       and record ->> 'withdrawAsked' = 'false' order by position for update`,
    [tenantId, connectorId, queue],
  );
  return rows;
}

/** What was read of the subscription while the order was in progress is explained by it from now on. */
async function explainBySettled(
  client: Statements,
  { id: orderId, tenantId, connectorId, correlationId }: OrderRow,
  { ask, cmpSubscriptionId }: OrderRecord,
): Promise<void> {
  if (cmpSubscriptionId === null || (ask.kind !== 'create' && ask.kind !== 'change-quantity')) return;
  await explainSubscription(client, { tenantId, connectorId, cmpSubscriptionId }, { correlationId, orderId });
}

const kept = `(
    select json_agg(json_build_object('scheduledChangeId', k.scheduled_change_id, 'orderId', k.id,
      'mpn', k.record -> 'ask' -> 'product' ->> 'mpn', 'seats', k.record -> 'ask' -> 'seats'))
    from orders k where k.connector_id = o.connector_id and k.queue = o.queue and k.status = 'scheduled'
      and k.record ->> 'withdrawAsked' = 'false')`;

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
  select ${orderColumns}, p.longest_seen_ms as "longestSeen", s.state -> 'lots' as lots, o.traceparent, ${kept} as kept
  from claimed o left join cmp_pace p on p.connector_id = o.connector_id left join subscriptions s on s.id = o.subscription_id`;

const update = `
  update orders set status = $2, record = $3, version = version + 1, updated_at = now(),
    next_step_at = now() + make_interval(secs => $4 / 1000.0)
  where id = $1 returning version`;

const pace = `
  insert into cmp_pace (connector_id, tenant_id, longest_seen_ms) values ($1, $2, $3)
  on conflict (connector_id) do update set longest_seen_ms = greatest(cmp_pace.longest_seen_ms, excluded.longest_seen_ms)`;

const toHeldOrder = ({
  tenantId,
  connectorId,
  record,
  fence,
  version,
  longestSeen,
  lots,
  traceparent,
  kept,
}: ClaimedRow): HeldOrder => ({
  tenantId,
  connectorId,
  order: record,
  fence,
  version,
  longestSeen: Number(longestSeen ?? 0),
  lots,
  kept,
  traceparent,
});

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
 * Cancels the scheduled changes of a subscription or connector, and applies `stop` to each of its open orders, in
 * the caller's transaction. A worker that holds an order meanwhile is refused its next write and reads it again.
 *
 * What is only planned is cancelled before the orders are locked, so that one whose time comes at this moment is either
 * cancelled or has its order among them; what is ordered already afterwards, as the steps of an order lock both.
 */
export async function stopOrders(
  client: Statements,
  scope: CancelScope,
  why: OrderReason,
  stop: (order: OrderRecord, now: number) => OrderRecord,
  by: string,
): Promise<void> {
  await cancelScheduledChanges(client, scope, why, ['proposed', 'planned']);
  const { rows } = await client.query<OrderRow>(
    `select ${orderColumns} from orders o where o.tenant_id = $1 and o.${scope.column} = $2
       and o.status not in ('settled', 'refused', 'withdrawn') order by o.position for update`,
    [scope.tenantId, scope.id],
  );
  await cancelScheduledChanges(client, scope, why, ['ordered']);
  for (const row of rows) {
    const next = stop(row.record, Date.now());
    if (next !== row.record) await writeOrder(client, row, next, by);
  }
}

/** An order of ours that the mirror saw completed is followed up now instead of at the next poll. */
export const hurryOrder = (client: Statements, tenantId: string, connectorId: string, cmpOrderId: string) =>
  client.query(
    `update orders set next_step_at = now() where tenant_id = $1 and connector_id = $2 and record ->> 'cmpOrderId' = $3
       and status in ('accepted', 'scheduled', 'needs-attention') and next_step_at > now()`,
    [tenantId, connectorId, cmpOrderId],
  );

/** Orders that waited for a paused connector continue at once. */
export const resumePausedOrders = (client: Statements, tenantId: string, connectorId: string) =>
  client.query(
    `update orders set next_step_at = now() where tenant_id = $1 and connector_id = $2 and next_step_at > now()
       and record -> 'reason' ->> 'code' = 'connector-paused'
       and status in ('planned', 'unknown', 'accepted', 'proving')`,
    [tenantId, connectorId],
  );

/** Open orders of a restored connector are followed up at once. */
export const resumeOpenOrders = (client: Statements, tenantId: string, connectorId: string) =>
  client.query(
    `update orders set next_step_at = now() where tenant_id = $1 and connector_id = $2 and next_step_at > now()
       and status not in ('settled', 'refused', 'withdrawn')`,
    [tenantId, connectorId],
  );

/** Our order that caused the seats in the event, if any. */
export async function orderExplaining(
  client: Statements,
  { id: subscriptionId, tenantId }: Pick<SubscriptionRow, 'id' | 'tenantId'>,
  { asOf, lines }: ProviderSubscriptionChangedV1,
): Promise<{ orderId: string } | null> {
  const { rows } = await client.query<{ id: string; record: OrderRecord }>(
    `select id, record from orders where tenant_id = $2 and subscription_id = $1 and kind = 'change-quantity'
       and status = 'settled' order by position desc limit 1`,
    [subscriptionId, tenantId],
  );
  const { id, record } = rows[0] ?? {};
  if (!id || !record) return null;
  const of = record.ask.kind === 'change-quantity' ? record.ask.product : undefined;
  // The line that the order was about, wherever CMP lists it.
  const isIt = (mpn: string, cmpProductId: string) =>
    of !== undefined && (of.cmpProductId ? of.cmpProductId === cmpProductId : of.mpn === mpn);
  const after = lines.find((line) => isIt(line.mpn, line.productId))?.quantity;
  return changedByOrder(record, { after, asOf: Date.parse(asOf) }) ? { orderId: id } : null;
}

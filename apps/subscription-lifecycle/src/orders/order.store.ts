import { randomUUID } from 'node:crypto';
import type { ProviderSubscriptionChangedV1 } from '@isthmus/contracts';
import { activeTraceparent, emitMany, type Statements } from '@isthmus/messaging';
import {
  Answer,
  earlierAnswer,
  type IdempotentRequest,
  idempotentStatement,
  type Parameter,
  type Principal,
} from '@isthmus/service-kit';
import { inTransaction } from '@isthmus/sync-engine';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { SubscriptionLifecycleEnv } from '../config.ts';
import type { SeatLot } from '../subscriptions/rules/seat-lots.ts';
import { QuoteUsed } from '../quotes/quote.ts';
import {
  type LostChange,
  scheduledChangeColumns,
  type ScheduledChangeRow,
} from '../scheduled-changes/scheduled-change.ts';
import { changedByOrder } from '../subscriptions/subscription.ts';
import { explainSubscription } from '../subscriptions/provider-order.store.ts';
import { scheduleAfterOrder, scheduledChangeEvent } from '../scheduled-changes/scheduled-change.store.ts';
import type { SubscriptionRow } from '../subscriptions/subscription.store.ts';
import { orderEvent } from './order-events.ts';
import { blockingStatuses } from './order-lifecycle.ts';
import { OrderNotFound } from './order.errors.ts';
import {
  type Consent,
  newOrder,
  type OrderAsk,
  orderColumns,
  type OrderReason,
  type OrderRecord,
  type OrderRow,
  queueOf,
  type SeenOrder,
} from './order.ts';
import { askWithdrawal, nextStep } from './protocol/order-policy.ts';
import {
  type HeldOrder,
  LeaseLost,
  type OrderStore,
  type SaveMore,
  StoreFailed,
} from './protocol/ordering.ts';
import { defaultPatience } from './protocol/retry-policy.ts';
import type { OrderTerms } from './resolving/order-terms.ts';

/** The orders in PostgreSQL. Leases and due dates are by the database's clock. */
@Injectable()
export class PostgresOrderStore implements OrderStore {
  constructor(
    private readonly pool: Pool,
    private readonly env: SubscriptionLifecycleEnv,
  ) {}

  claimDue(worker: string): Promise<HeldOrder | null> {
    return answered(async () => {
      const { rows } = await this.pool.query<ClaimedRow>({
        name: 'order-claim',
        text: claim,
        values: [worker, this.env.ORDER_LEASE_MS, blockingStatuses],
      });
      return rows[0] ? heldOf(rows[0]) : null;
    });
  }

  save(held: HeldOrder, next: OrderRecord, { shownAfter }: SaveMore = {}): Promise<HeldOrder> {
    return answered(() =>
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
    return answered(async () => {
      await this.pool.query(
        'update orders set leased_until = null, leased_by = null where id = $1 and fence = $2',
        [order.id, fence],
      );
    });
  }

  noteLateAnswer(orderId: string, answer: SeenOrder): Promise<void> {
    return answered(() =>
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

type ClaimedRow = OrderRow & {
  longestSeen: string | null;
  lots: SeatLot[] | null;
  traceparent: string | null;
  kept: LostChange[] | null;
};

/** Stores an order whose row is locked, with its history and event; answers the new version. */
export async function writeOrder(
  client: Statements,
  row: OrderRow,
  next: OrderRecord,
  by: string,
): Promise<number> {
  const now = Date.now();
  // Beyond any date, because what rests now may have to be looked at when its time comes.
  const rests = nextStep(next, Math.max(now, next.nextStepAt), defaultPatience) === 'rest';
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
  for (const dropped of await scheduleAfterOrder(client, row, next))
    await writeOrder(client, dropped, askWithdrawal(dropped.record, now), row.id);
  if (status !== 'settled' && next.status === 'settled') await explainBySettled(client, row, next);
  return version;
}

/** What was read of the subscription while the order was under way is explained by it from now on. */
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

const heldOf = ({
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

/** Whatever the database throws is told apart from what CMP does: after it, nobody knows whether something was stored. */
async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    throw new StoreFailed({ cause: error });
  }
}

/** The orders as people reach them; workers reach them through their leases. */
@Injectable()
export class Orders {
  constructor(private readonly pool: Pool) {}

  place(
    request: IdempotentRequest,
    command: OrderCommand,
    show: (record: OrderRecord) => object,
  ): Promise<Answer> {
    return placeOrder(this.pool, request, command, show);
  }

  /** The answer that a command got before; nothing when it is new. */
  answered(request: IdempotentRequest): Promise<Answer | null> {
    return earlierAnswer(this.pool, request);
  }

  change(
    user: Principal,
    id: string,
    change: (order: OrderRecord, now: number) => OrderRecord,
  ): Promise<OrderRow> {
    return changeOrder(this.pool, user, id, change);
  }
}

/** A command to order, after everything that can be refused without CMP has been. */
export interface OrderCommand {
  tenantId: string;
  connectorId: string;
  subscriptionId: string | null;
  ask: OrderAsk;
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
 * Accepts a command: one statement stores the key, the answer, the order and its history. The lock makes positions of a
 * queue follow the order of commits, so that no order ever appears ahead of one that is already being carried out.
 * @throws QuoteUsed
 */
export async function placeOrder(
  pool: Pool,
  request: IdempotentRequest,
  command: OrderCommand,
  show: (record: OrderRecord) => object,
): Promise<Answer> {
  const record = newOrder(randomUUID(), command.ask, command.consent, Date.now(), moreOf(command));
  const answer = Answer.accepted(`/v1/orders/${record.id}`, show(record));
  try {
    return await idempotentStatement(pool, request, answer, (p) => effectOf(command, record, p));
  } catch (error) {
    throw command.quoteId && usedBefore(error) ? new QuoteUsed(command.quoteId) : error;
  }
}

/**
 * The same within the caller's transaction, for a command that is once by itself.
 * @returns the id of the order
 */
export async function placeOrderWithin(client: Statements, command: OrderCommand): Promise<string> {
  const record = newOrder(randomUUID(), command.ask, command.consent, Date.now(), moreOf(command));
  const values: unknown[] = [];
  const effect = effectOf(command, record, (value) => `$${values.push(value)}`);
  await client.query(`with fresh as (select 1), ${effect} select 1`, values);
  return record.id;
}

const moreOf = ({ terms, warnings }: OrderCommand) => ({
  ...(terms ? { terms } : {}),
  ...(warnings ? { warnings } : {}),
});

const usedBefore = (error: unknown): boolean =>
  (error as { constraint?: string }).constraint === 'orders_of_quote';

function effectOf(command: OrderCommand, record: OrderRecord, p: Parameter): string {
  const queue = queueOf(command.ask);
  const id = p(record.id);
  const tenant = p(command.tenantId);
  return `
    alone as (select pg_advisory_xact_lock(hashtextextended(${p(`${command.connectorId} ${queue}`)}, 0)) from fresh),
    placed as (
      insert into orders (id, tenant_id, connector_id, queue, kind, status, record, next_step_at, subscription_id, asked_by, correlation_id,
        traceparent, scheduled_change_id, quote_id)
      select ${id}::uuid, ${tenant}::uuid, ${p(command.connectorId)}::uuid, ${p(queue)}, ${p(command.ask.kind)}, 'planned',
        ${p(JSON.stringify(record))}::json, now(), ${p(command.subscriptionId)}::uuid, ${p(command.askedBy)}, ${p(command.correlationId)},
        ${p(activeTraceparent() ?? null)}, ${p(command.scheduledChangeId ?? null)}::uuid,
        ${p(command.quoteId ?? null)}::uuid
      from alone returning id, tenant_id),
    noted as (
      insert into order_history (tenant_id, order_id, status, by) select tenant_id, id, 'planned', ${p(command.askedBy)} from placed)`;
}

/** Applies what a person decided. A worker that holds the order meanwhile is refused its next write and reads it again. */
export function changeOrder(
  pool: Pool,
  { tenantId, subject }: Principal,
  id: string,
  change: (order: OrderRecord, now: number) => OrderRecord,
): Promise<OrderRow> {
  return inTransaction(pool, async (client) => {
    const text = `select ${orderColumns} from orders o where tenant_id = $1 and id = $2 for update`;
    const { rows } = await client.query<OrderRow>(text, [tenantId, id]);
    const row = rows[0];
    if (!row) throw new OrderNotFound(id);
    const next = change(row.record, Date.now());
    const version = await writeOrder(client, row, next, subject);
    return { ...row, record: next, version };
  });
}

/** Whose orders and scheduled changes. */
export interface StopScope {
  tenantId: string;
  column: 'subscription_id' | 'connector_id';
  id: string;
}

/**
 * Cancels the scheduled changes of a subscription or connector, and does with each of its open orders what `stop` says, in
 * the caller's transaction. A worker that holds an order meanwhile is refused its next write and reads it again.
 *
 * What is only planned is cancelled before the orders are locked, so that one whose time comes at this moment is either
 * cancelled or has its order among them; what is ordered already afterwards, as the steps of an order lock both.
 */
export async function stopAll(
  client: Statements,
  scope: StopScope,
  why: OrderReason,
  stop: (order: OrderRecord, now: number) => OrderRecord,
  by: string,
): Promise<void> {
  await cancelChanges(client, scope, why, ['proposed', 'planned']);
  const { rows } = await client.query<OrderRow>(
    `select ${orderColumns} from orders o where o.tenant_id = $1 and o.${scope.column} = $2
       and o.status not in ('settled', 'refused', 'withdrawn') order by o.position for update`,
    [scope.tenantId, scope.id],
  );
  await cancelChanges(client, scope, why, ['ordered']);
  for (const row of rows) {
    const next = stop(row.record, Date.now());
    if (next !== row.record) await writeOrder(client, row, next, by);
  }
}

async function cancelChanges(
  client: Statements,
  { tenantId, column, id }: StopScope,
  why: OrderReason,
  statuses: readonly string[],
): Promise<void> {
  const { rows } = await client.query<ScheduledChangeRow>(
    `update scheduled_changes c set status = 'cancelled', reason = $3, version = version + 1, updated_at = now(), next_try_at = null
     where c.tenant_id = $1 and c.${column} = $2 and c.status = any($4) returning ${scheduledChangeColumns}`,
    [tenantId, id, JSON.stringify(why), statuses],
  );
  await emitMany(client, rows.map(scheduledChangeEvent));
}

/** The order of ours that brought about the seats in the news, if any. */
export async function orderBehind(
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

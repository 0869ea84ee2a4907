import { Injectable } from '@nestjs/common';
import { emitMany, type Statements } from '@isthmus/messaging';
import { inTransaction } from '@isthmus/sync-engine';
import { Pool } from 'pg';
import { askWithdrawal } from '../domain/order/by-hand.ts';
import { blockingStatuses } from '../domain/order/order-lifecycle.ts';
import { nextStep } from '../domain/order/next-step.ts';
import type { OrderRecord } from '../domain/order/order-record.ts';
import { defaultPatience } from '../domain/order/patience.ts';
import type { SeenOrder } from '../domain/order/seen-order.ts';
import type { SeatLot } from '../domain/nce/seat-lots.ts';
import type { LostChange } from '../domain/schedule/lost-changes.ts';
import type { HeldOrder } from '../ordering/held-order.ts';
import { LeaseLost } from '../ordering/lease-lost.error.ts';
import type { OrderStore, SaveMore } from '../ordering/order-store.ts';
import { StoreFailed } from '../ordering/store-failed.error.ts';
import { SubscriptionLifecycleEnv } from '../config.ts';
import { orderEvent } from './order-events.ts';
import { orderColumns, type OrderRow } from './order-row.ts';
import { explainSubscription } from './explain-subscription.ts';
import { scheduleAfterOrder } from './schedule-after-order.ts';

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

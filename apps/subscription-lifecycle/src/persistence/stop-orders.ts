import { emitMany, type Statements } from '@isthmus/messaging';
import type { OrderReason } from '../domain/order/order-reason.ts';
import type { OrderRecord } from '../domain/order/order-record.ts';
import { orderColumns, type OrderRow } from './order-row.ts';
import { writeOrder } from './postgres-order-store.ts';
import { scheduledChangeEvent } from './scheduled-change-event.ts';
import { scheduledChangeColumns, type ScheduledChangeRow } from './scheduled-change-row.ts';

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

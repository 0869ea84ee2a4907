import { Conditions, isoTime, type CursorKey, type TenantRows } from '@isthmus/service-kit';
import { blockingStatuses, type OrderStatus } from '../domain/order/order-lifecycle.ts';
import type { OrderReason } from '../domain/order/order-reason.ts';
import { orderColumns, type OrderRow } from './order-row.ts';

export interface OrderFilter {
  status?: OrderStatus;
  subscriptionId?: string;
}

/** The newest first. */
export function listOrders(
  rows: TenantRows,
  { status, subscriptionId }: OrderFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<OrderRow[]> {
  const where = new Conditions('o.tenant_id = $1')
    .when(status, (p) => `o.status = ${p}`)
    .when(subscriptionId, (p) => `o.subscription_id = ${p}::uuid`)
    .after(after, 'o.position', ['bigint'], '<');
  const end = where.param(limit + 1);
  return rows.select(
    `select ${orderColumns} from orders o where ${where} order by o.position desc limit ${end}`,
    where.values,
  );
}

interface HistoryRow {
  at: Date;
  status: OrderStatus;
  reason: OrderReason | null;
  by: string;
}

export async function historyOf(rows: TenantRows, orderId: string) {
  const found = await rows.select<HistoryRow>(
    'select at, status, reason, by from order_history where tenant_id = $1 and order_id = $2 order by id',
    [orderId],
  );
  return found.map((row) => ({ ...row, at: isoTime(row.at) }));
}

/** The order for which this one waits, if it does. */
export async function orderAheadOf(
  rows: TenantRows,
  { connectorId, queue, position, record }: OrderRow,
): Promise<string | null> {
  if (record.status !== 'planned') return null;
  const [ahead] = await rows.select<{ id: string }>(
    `select id from orders where tenant_id = $1 and connector_id = $2 and queue = $3 and position < $4 and status = any($5)
     order by position limit 1`,
    [connectorId, queue, position, blockingStatuses],
  );
  return ahead?.id ?? null;
}

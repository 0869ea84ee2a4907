import type { OrderWaitCause } from '@isthmus/contracts';
import { Conditions, isoTime, type CursorKey, type TenantRows } from '@isthmus/service-kit';
import type { OrderStatus } from '../domain/order/order-lifecycle.ts';
import type { OrderReason } from '../domain/order/order-reason.ts';
import { waitCause, waitColumn, waitJoins } from './order-context.ts';
import { orderColumns, type OrderRow } from './order-row.ts';

export interface OrderFilter {
  status?: OrderStatus;
  subscriptionId?: string;
  waitingFor?: OrderWaitCause;
}

/** The newest first. */
export function listOrders(
  rows: TenantRows,
  { status, subscriptionId, waitingFor }: OrderFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<OrderRow[]> {
  const where = new Conditions('o.tenant_id = $1')
    .when(status, (p) => `o.status = ${p}`)
    .when(subscriptionId, (p) => `o.subscription_id = ${p}::uuid`)
    .when(waitingFor, (p) => `${waitCause} = ${p}`)
    .after(after, 'o.position', ['bigint'], '<');
  const end = where.param(limit + 1);
  return rows.select(
    `select ${orderColumns}, ${waitColumn} from orders o ${waitJoins} where ${where} order by o.position desc limit ${end}`,
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

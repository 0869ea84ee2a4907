import type { Principal } from '@isthmus/service-kit';
import { inTransaction } from '@isthmus/sync-engine';
import type { Pool } from 'pg';
import { OrderNotFound } from '../domain/not-found.errors.ts';
import type { OrderRecord } from '../domain/order/order-record.ts';
import { orderColumns, type OrderRow } from './order-row.ts';
import { writeOrder } from './postgres-order-store.ts';

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

import type { TenantRows } from '@isthmus/service-kit';
import { waitColumn, waitJoins } from './order-context.ts';
import { orderColumns, type OrderRow } from './order-row.ts';
import { SubscriptionNotFound, OrderNotFound } from '../domain/not-found.errors.ts';
import { subscriptionColumns, type SubscriptionRow } from './subscription-row.ts';

export async function readOrder(rows: TenantRows, id: string): Promise<OrderRow> {
  const [row] = await rows.select<OrderRow>(
    `select ${orderColumns}, ${waitColumn} from orders o ${waitJoins} where o.tenant_id = $1 and o.id = $2`,
    [id],
  );
  if (!row) throw new OrderNotFound(id);
  return row;
}

export async function readSubscription(rows: TenantRows, id: string): Promise<SubscriptionRow> {
  const [row] = await rows.select<SubscriptionRow>(
    `select ${subscriptionColumns} from subscriptions s where tenant_id = $1 and id = $2`,
    [id],
  );
  if (!row) throw new SubscriptionNotFound(id);
  return row;
}

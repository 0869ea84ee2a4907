import type { TenantRows } from '@isthmus/service-kit';
import { blockingStatuses, type OrderStatus } from '../domain/order/order-lifecycle.ts';
import type { OrderKind } from '../domain/order/order-ask.ts';

/** An order that another one of the same subscription has to wait for. */
export interface OrderUnderWay {
  id: string;
  kind: OrderKind;
  status: OrderStatus;
}

/** The orders of a subscription that are neither at their end nor kept for the renewal, the oldest first. */
export const ordersUnderWay = (rows: TenantRows, subscriptionId: string): Promise<OrderUnderWay[]> =>
  rows.select<OrderUnderWay & Record<string, unknown>>(
    `select id, kind, status from orders where tenant_id = $1 and subscription_id = $2 and status = any($3) order by position`,
    [subscriptionId, blockingStatuses],
  );

import type { OrderState } from '../world/order.ts';
import { CmpRefusal } from '../wire/cmp-refusal.ts';
import {
  codeAfter,
  orderLifecycle,
  statusWords,
  type OrderAction,
  type OrderStatus,
} from './order-lifecycle.ts';

/** Takes an order one step further; refuses (500) what the lifecycle does not know. */
export function moveOrder(order: OrderState, action: OrderAction): void {
  const next = (orderLifecycle[order.status] as Partial<Record<OrderAction, OrderStatus>>)[action];
  if (!next)
    throw new CmpRefusal(
      500,
      `Cannot ${action} Order #${order.number}: it is in status ${statusWords[order.statusCode]}.`,
    );
  order.status = next;
  order.statusCode = codeAfter[action];
}

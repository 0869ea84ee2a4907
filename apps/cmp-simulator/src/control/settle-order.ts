import { moveOrder, type OrderDraft, type OrderState } from '../orders/order.ts';
import type { World } from '../world/world.ts';

/** An order that somebody placed in the portal and that is already done. Its effect is the caller's. */
export function settleOrder(world: World, draft: OrderDraft): OrderState {
  const order = world.orders.add(draft, world.now());
  moveOrder(order, 'start');
  moveOrder(order, 'complete');
  order.provisionedAt = world.now();
  return order;
}

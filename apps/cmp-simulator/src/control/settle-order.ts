import { moveOrder } from '../rules/move-order.ts';
import type { OrderDraft, OrderState } from '../world/order.ts';
import type { World } from '../world/world.ts';

/** An order that somebody placed in the portal and that is already done. Its effect is the caller's. */
export function settleOrder(world: World, draft: OrderDraft): OrderState {
  const order = world.orders.add(draft, world.now());
  moveOrder(order, 'start');
  moveOrder(order, 'complete');
  order.provisionedAt = world.now();
  return order;
}

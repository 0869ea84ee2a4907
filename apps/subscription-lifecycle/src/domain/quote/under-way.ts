import type { OrderKind } from '../order/order-ask.ts';
import { reason, type OrderReason } from '../order/order-reason.ts';

/** A warning that the quote may be out of date by the time its order gets its turn; nothing when none is under way. */
export function underWayWarning(orders: readonly { id: string; kind: OrderKind }[]): OrderReason | null {
  if (orders.length === 0) return null;
  const named = orders.map(({ id, kind }) => `${kind} ${id}`).join(', ');
  return reason(
    'orders-under-way',
    `Orders of this subscription are under way and will change it first: ${named}.`,
    'Quote again when they are settled, or order anyway: it waits for them and is checked again before it is sent.',
  );
}

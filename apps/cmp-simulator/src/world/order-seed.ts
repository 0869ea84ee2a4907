import { addPeriod } from '../rules/period.ts';
import { pastCode, type PastOrder } from './history-seed.ts';
import type { OrderLine, OrderState } from './order.ts';
import { orderNumber } from './order-number.ts';
import type { SubscriptionState } from './subscription.ts';

const minute = 60_000;

/** Writes a past order out. `subscription` is the one it belongs to, as it stood when the world began. */
export function seededOrder(
  id: string,
  index: number,
  past: PastOrder,
  subscription: SubscriptionState,
): OrderState {
  const scheduled = past.kind === 'scheduled';
  const type = past.kind === 'scheduled' ? 'change' : past.kind;
  const createdAt = past.minute * minute;
  const lines = type === 'renewal' || type === 'cancellation' ? [] : linesOf(past, subscription, createdAt);
  return {
    index,
    id,
    number: orderNumber(type, index),
    type,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    poNumber: type === 'change' ? `C-${100000 + index}` : subscription.attributes.PONumber,
    attributes: {},
    ...(scheduled ? { scheduledOn: 'renewal' } : {}),
    lines,
    totalCents: lines.reduce((sum, line) => sum + line.amountCents, 0),
    createdAt,
    ...(past.status === 'completed' ? { provisionedAt: createdAt + (90 + (index % 400)) * 1000 } : {}),
    status: past.status,
    statusCode: pastCode(past.status, past.sequence),
    creditCheck: true,
    effective: true,
  };
}

function linesOf(past: PastOrder, subscription: SubscriptionState, at: number): OrderLine[] {
  const products = past.kind === 'sales' ? subscription.products : subscription.products.slice(0, 1);
  return products.map(({ item }, n) => {
    const quantity = n === 0 ? past.seats : subscription.products[n]!.quantity;
    return {
      item,
      quantity,
      amountCents: past.kind === 'scheduled' ? 0 : item.priceCents * quantity,
      subscriptionId: subscription.id,
      from: at,
      until: addPeriod(at, item.billing),
    };
  });
}

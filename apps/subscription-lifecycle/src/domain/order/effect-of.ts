import type { CmpSubscriptionDetail } from '@isthmus/cmp-client';
import type { OrderAsk } from './order-ask.ts';
import { otherTerms } from './order-terms.ts';
import { isProduct } from './same-order.ts';

const ended = new Set(['terminated', 'removed']);

/** Whether the subscription is as the order asked for: nothing, or in words what differs. Only this proves an order. */
export function missingEffect(ask: OrderAsk, subscription: CmpSubscriptionDetail): string | null {
  const { id, status } = subscription;
  if (ask.kind === 'cancel') return ended.has(status) ? null : `subscription ${id} is still ${status}`;
  if (ask.kind === 'renewal-setting') {
    const is = subscription.renewalStatus;
    return is === ask.autoRenew ? null : `subscription ${id} has auto-renew ${is ? 'on' : 'off'}`;
  }
  if (status !== 'active') return `subscription ${id} is ${status}`;
  const line = subscription.products.find((product) => isProduct(product, ask.product));
  if (!line) return `subscription ${id} has no line of ${ask.product.mpn}`;
  const other = otherTerms(ask.product, subscription);
  // At a renewal the term may have been changed as well, by others.
  if (other && (ask.kind === 'create' || ask.when === 'now')) return `subscription ${id} has ${other}`;
  return line.quantity === ask.seats
    ? null
    : `subscription ${id} has ${line.quantity} seats, not ${ask.seats}`;
}

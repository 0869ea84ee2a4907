import type { CmpOrderDetail, CmpOrderLine } from '@isthmus/cmp-client';
import type { OrderAsk, OrderProduct } from './order-ask.ts';
import type { OrderRecord } from './order-record.ts';
import { markerAttribute } from './order-request.ts';
import { otherTerms } from './order-terms.ts';

export type Likeness = { is: 'ours' } | { is: 'lookalike'; why: string } | { is: 'other' };

export const cmpTypeOf = { create: 'sales', 'change-quantity': 'change', cancel: 'cancellation' } as const;

/**
 * Whether an order found at CMP is ours. The marker alone proves nothing, because CMP copies the purchase order number
 * into automatic renewals; type, subscription and lines must agree. What agrees but carries no number at all, or
 * carries ours and does not agree, may be ours and is for people to decide.
 */
export function likeness(order: OrderRecord, found: CmpOrderDetail, clockSkew: number): Likeness {
  const { ask } = order;
  if (ask.kind === 'renewal-setting' || found.type !== cmpTypeOf[ask.kind]) return { is: 'other' };
  if (found.customerId !== ask.cmpAccountId) return { is: 'other' };
  if (Date.parse(found.creationDate) < (order.firstSentAt ?? order.askedAt) - clockSkew)
    return { is: 'other' };
  const marked = found.poNumber === order.marker || found.attributes[markerAttribute] === order.marker;
  const unlike = difference(ask, order.seatsBefore, found);
  if (marked)
    return unlike === null ? { is: 'ours' } : { is: 'lookalike', why: `it has our number, but ${unlike}` };
  const unnumbered = !found.poNumber && found.attributes[markerAttribute] === undefined;
  return unlike === null && unnumbered
    ? { is: 'lookalike', why: 'it asks for the same and has no purchase order number' }
    : { is: 'other' };
}

/** Whether an order of which not everything could be read may be ours: it has our number, or none that can be read. */
export function mayBeOurs({ marker }: OrderRecord, { poNumber, attributes }: CmpOrderDetail): boolean {
  const numbers = [poNumber, attributes[markerAttribute]].filter(Boolean);
  return numbers.length === 0 || numbers.includes(marker);
}

function difference(
  ask: Exclude<OrderAsk, { kind: 'renewal-setting' }>,
  seatsBefore: number | null,
  found: CmpOrderDetail,
): string | null {
  if (ask.kind !== 'create' && !subscriptionsOf(found).includes(ask.cmpSubscriptionId))
    return 'it is about another subscription';
  if (ask.kind === 'cancel') return null;
  const line = found.products.find((product) => isProduct(product, ask.product));
  if (!line) return `it has no line of ${ask.product.mpn}`;
  const other = otherTerms(ask.product, line);
  if (other) return `it has ${other}`;
  // CMP tells an immediate change as the difference and a scheduled one as the total.
  const difference = seatsBefore === null ? undefined : ask.seats - seatsBefore;
  const agrees =
    line.quantity === ask.seats || (ask.kind === 'change-quantity' && line.quantity === difference);
  const unsaid = ask.kind === 'change-quantity' && seatsBefore === null;
  return agrees || unsaid ? null : `its quantity is ${line.quantity}`;
}

const subscriptionsOf = (found: CmpOrderDetail): (string | undefined)[] => [
  found.subscriptionId,
  ...found.products.map(({ subscriptionId }) => subscriptionId),
];

/** By CMP's id where both sides know one, otherwise by mpn. */
export const isProduct = (line: Pick<CmpOrderLine, 'id' | 'mpn'>, product: OrderProduct): boolean =>
  line.id !== undefined && product.cmpProductId !== undefined
    ? line.id === product.cmpProductId
    : line.mpn === product.mpn;

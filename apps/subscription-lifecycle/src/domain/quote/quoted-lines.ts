import type { CmpOrderEstimate, CmpOrderLine } from '@isthmus/cmp-client';
import type { Money } from '@isthmus/domain';
import type { OrderAsk } from '../order/order-ask.ts';
import { isProduct } from '../order/same-order.ts';
import type { SubscriptionLine, SubscriptionState } from '../subscription/subscription-record.ts';
import type { OrderBasis } from './order-basis.ts';
import { isLineOf } from './own-estimate.ts';
import type { QuotedLine } from './quote.ts';
import { times } from './sums.ts';

/**
 * The lines that the order asks for, and those that CMP adds. What CMP estimated says which those are; without an
 * estimate they are those that the product needs and the customer may lack.
 */
export function quotedLines(
  ask: OrderAsk,
  basis: OrderBasis,
  estimate: CmpOrderEstimate | null,
): QuotedLine[] {
  if (ask.kind !== 'create' && ask.kind !== 'change-quantity') return held(ask, basis.subscription);
  const asked = estimate?.products.find((line) => isProduct(line, ask.product));
  const extra = estimate
    ? estimate.products.filter((line) => !isProduct(line, ask.product)).map(addedLine)
    : basis.dependsOn.map(({ mpn = null }) => added(mpn, null, 1, null, null));
  const unchanged = ask.kind === 'create' ? [] : held(ask, basis.subscription);
  return [askedLine(ask, basis, asked), ...unchanged, ...extra];
}

function askedLine(
  ask: Extract<OrderAsk, { kind: 'create' | 'change-quantity' }>,
  { unitPrice, subscription }: OrderBasis,
  atCmp: CmpOrderLine | undefined,
): QuotedLine {
  const before =
    ask.kind === 'create' ? undefined : subscription?.lines?.find((line) => isLineOf(line, ask.product));
  const price = (ask.kind === 'create' ? unitPrice : before?.unitPrice) ?? atCmp?.unitPrice ?? null;
  return {
    mpn: ask.product.mpn,
    name: ask.product.name ?? atCmp?.name ?? null,
    seatsBefore: before?.seats ?? 0,
    seatsAfter: ask.seats,
    unitPrice: price,
    extendedPrice: price && times(price, ask.seats),
    addedByCmp: false,
  };
}

/** What stays as it is, or, of a cancellation, goes. */
function held(ask: OrderAsk, subscription: SubscriptionState | null): QuotedLine[] {
  const lines = subscription?.lines ?? [];
  const others =
    ask.kind === 'change-quantity' ? lines.filter((line) => !isLineOf(line, ask.product)) : lines;
  return others.map((line) => heldLine(line, ask.kind === 'cancel' ? 0 : line.seats));
}

const heldLine = ({ mpn, name, seats, unitPrice }: SubscriptionLine, seatsAfter: number): QuotedLine => ({
  mpn,
  name,
  seatsBefore: seats,
  seatsAfter,
  unitPrice,
  extendedPrice: unitPrice && times(unitPrice, seatsAfter),
  addedByCmp: false,
});

const addedLine = ({ mpn, name, quantity, unitPrice, extendedPrice }: CmpOrderLine): QuotedLine =>
  added(mpn ?? null, name ?? null, quantity, unitPrice ?? null, extendedPrice ?? null);

const added = (
  mpn: string | null,
  name: string | null,
  seatsAfter: number,
  unitPrice: Money | null,
  extendedPrice: Money | null,
): QuotedLine => ({ mpn, name, seatsBefore: 0, seatsAfter, unitPrice, extendedPrice, addedByCmp: true });

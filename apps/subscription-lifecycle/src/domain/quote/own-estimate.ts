import { Period, type Money } from '@isthmus/domain';
import { productLineOf } from '../nce/product-line.ts';
import { prorated, type PaidPeriod } from '../nce/proration.ts';
import { periodAround } from '../nce/term.ts';
import type { OrderAsk } from '../order/order-ask.ts';
import { isProduct } from '../order/same-order.ts';
import type { SubscriptionLine, SubscriptionState } from '../subscription/subscription-record.ts';
import type { OrderBasis } from './order-basis.ts';
import { sumOf, times } from './sums.ts';

/** Where marketplaces differ. */
export interface RefundRules {
  /** Whether a cancellation within the first 24 hours gives back everything, as some of them say. */
  fullRefundFirstDay: boolean;
}

const day = 86_400_000;

/** What the order would be charged as far as we know, negative what is given back; null when prices or dates are not known. */
export function ownEstimate(
  ask: OrderAsk,
  { subscription, unitPrice }: OrderBasis,
  rules: RefundRules,
  now: number,
): Money | null {
  if (ask.kind === 'create') return unitPrice && times(unitPrice, ask.seats);
  if (!subscription) return null;
  const lines = subscription.lines ?? [];
  if (ask.kind === 'renewal-setting')
    return sumOf(lines.map((line) => line.unitPrice && times(line.unitPrice, 0)));
  if (ask.kind === 'cancel') return sumOf(lines.map((line) => refund(line, subscription, rules, now)));
  const line = lines.find((one) => isLineOf(one, ask.product));
  if (!line?.unitPrice) return null;
  if (ask.when === 'renewal') return times(line.unitPrice, ask.seats);
  const period = paidPeriod(line.unitPrice, subscription, now);
  return period && prorated(period, ask.seats - line.seats, now);
}

/** A line as CMP's id, or else its mpn, tells it. */
export const isLineOf = (
  { mpn, cmpProductId }: SubscriptionLine,
  product: Parameters<typeof isProduct>[1],
): boolean => isProduct({ mpn, id: cmpProductId || undefined }, product);

function refund(
  line: SubscriptionLine,
  subscription: SubscriptionState,
  { fullRefundFirstDay }: RefundRules,
  now: number,
): Money | null {
  // What a cancellation outside new commerce gives back is nowhere published.
  if (productLineOf(line) !== 'nce' || !line.unitPrice) return null;
  const period = paidPeriod(line.unitPrice, subscription, now);
  if (!period) return null;
  const young = fullRefundFirstDay && now - (subscription.termStartedAt ?? 0) <= day;
  return young ? times(line.unitPrice, -line.seats) : prorated(period, -line.seats, now);
}

function paidPeriod(
  seatPrice: Money,
  { termStartedAt, billingPeriod }: SubscriptionState,
  now: number,
): PaidPeriod | null {
  const period = billingPeriod && Period.of(billingPeriod.type, billingPeriod.duration);
  return termStartedAt === null || !period
    ? null
    : { ...periodAround(termStartedAt, period, now), seatPrice };
}

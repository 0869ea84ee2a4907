import { type Money, Period } from '@isthmus/domain';
import type { OrderSpec, OrderTerms, Terms } from '../orders/order.ts';
import { isProduct } from '../orders/protocol/order-at-cmp.ts';
import { classifyProduct } from '../subscriptions/rules/product-line.ts';
import { periodAround } from '../subscriptions/rules/terms.ts';
import type { SubscriptionLine, SubscriptionState } from '../subscriptions/subscription.ts';
import { type PaidPeriod, prorated, type Quote, share, sumOf, times } from './quote.ts';

/** The known facts about the object of an order, from which prices, windows and lines of a quote are derived. */
export interface OrderBasis {
  /** Price per seat and billing period of a purchase, if the catalogue knows it. */
  unitPrice: Money | null;
  /** Products that CMP adds to a purchase if the customer has none of them. */
  dependsOn: { mpn?: string | undefined }[];
  /** The subscription, for everything except a purchase. */
  subscription: SubscriptionState | null;
  /** True if the subscription continues month by month without a renewal (extended service term). */
  extended?: boolean | undefined;
}

/** The basis for an order that changes a subscription. */
export const subscriptionBasis = (subscription: SubscriptionState): OrderBasis => ({
  unitPrice: null,
  dependsOn: [],
  subscription,
});

/** Rules in which marketplaces differ. */
export interface RefundRules {
  /** True if a cancellation within the first 24 hours is refunded in full, as in some marketplaces. */
  fullRefundFirstDay: boolean;
}

const day = 86_400_000;

/** The expected charge of the order, with refunds negative; null if prices or dates are unknown. */
export function ownEstimate(
  spec: OrderSpec,
  { subscription, unitPrice }: OrderBasis,
  rules: RefundRules,
  now: number,
): Money | null {
  if (spec.kind === 'create') return unitPrice && times(unitPrice, spec.seats);
  if (!subscription) return null;
  const lines = subscription.lines ?? [];
  if (spec.kind === 'renewal-setting')
    return sumOf(lines.map((line) => line.unitPrice && times(line.unitPrice, 0)));
  if (spec.kind === 'cancel') return sumOf(lines.map((line) => refund(line, subscription, rules, now)));
  const line = lines.find((one) => isLineFor(one, spec.product));
  if (!line?.unitPrice) return null;
  if (spec.when === 'renewal') return times(line.unitPrice, spec.seats);
  const period = paidPeriod(line.unitPrice, subscription, now);
  return period && prorated(period, spec.seats - line.seats, now);
}

/** True if the line is for the product, according to CMP's id or, without one, the MPN. */
export const isLineFor = (
  { mpn, cmpProductId }: SubscriptionLine,
  product: Parameters<typeof isProduct>[1],
): boolean => isProduct({ mpn, id: cmpProductId || undefined }, product);

function refund(
  line: SubscriptionLine,
  subscription: SubscriptionState,
  { fullRefundFirstDay }: RefundRules,
  now: number,
): Money | null {
  // Refunds for cancellations outside new commerce are not published anywhere.
  if (classifyProduct(line) !== 'nce' || !line.unitPrice) return null;
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

/** CMP may show invalid periods, such as zero months. */
function print(period: Period | null | undefined): string | null {
  const known = period && Period.of(period.type, period.duration);
  return known ? Period.print(known) : null;
}

/** Term and billing period that an order is about: of the product bought, or of the subscription changed. */
export function requestedTerms(spec: OrderSpec, { subscription }: OrderBasis): Terms {
  const of = spec.kind === 'create' ? spec.product : subscription;
  return { term: print(of?.term), billingPeriod: print(of?.billingPeriod) };
}

/** Per seat and billing period; for a subscription with several lines only if one of them is selected. */
export function quotedUnitPrice(spec: OrderSpec, { unitPrice, subscription }: OrderBasis): Money | null {
  if (spec.kind === 'create') return unitPrice;
  const lines = subscription?.lines ?? [];
  if (spec.kind === 'change-quantity')
    return lines.find((line) => isLineFor(line, spec.product))?.unitPrice ?? null;
  return lines.length === 1 ? lines[0]!.unitPrice : null;
}

/** The terms and prices of an order at the time of the command. */
export function orderTerms(
  spec: OrderSpec,
  basis: OrderBasis,
  quote: Quote | null,
  tolerancePercent: number,
  rules: RefundRules,
  now: number,
): OrderTerms {
  const total = quote?.total ?? ownEstimate(spec, basis, rules, now);
  // It is not known whether CMP includes refunds in its orders; only its own estimate would tell.
  const comparable = quote?.total && (spec.kind !== 'cancel' || quote.cmp.answer === 'estimated');
  return {
    ...requestedTerms(spec, basis),
    unitPrice: quotedUnitPrice(spec, basis),
    total,
    totalFrom: total === null ? null : comparable ? 'quote' : 'estimate',
    tolerancePercent,
    oneDay: oneDay(spec, basis),
  };
}

const days = { day: 1, month: 28, year: 365 } as const;

/** The largest difference that a day of proration can make. */
function oneDay(spec: OrderSpec, { subscription }: OrderBasis): Money | null {
  const period = subscription?.billingPeriod;
  if (!subscription || !period || !print(period) || spec.kind === 'create' || spec.kind === 'renewal-setting')
    return null;
  if (spec.kind === 'change-quantity' && spec.when === 'renewal') return null;
  const parts = (subscription.lines ?? [])
    .filter((line) => spec.kind === 'cancel' || isLineFor(line, spec.product))
    .map(({ unitPrice, seats }) => {
      const moved = spec.kind === 'cancel' ? seats : Math.abs(spec.seats - seats);
      return unitPrice && share(unitPrice, moved, days[period.type] * period.duration);
    });
  return sumOf(parts);
}

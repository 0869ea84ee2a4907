import { Period, type Money } from '@isthmus/domain';
import { share } from '../nce/proration.ts';
import type { OrderAsk } from '../order/order-ask.ts';
import type { OrderTerms, Terms } from '../order/order-terms.ts';
import type { OrderBasis } from './order-basis.ts';
import { isLineOf, ownEstimate, type RefundRules } from './own-estimate.ts';
import type { Quote } from './quote.ts';
import { sumOf } from './sums.ts';

/** CMP may show periods that are none, such as zero months. */
function print(period: Period | null | undefined): string | null {
  const known = period && Period.of(period.type, period.duration);
  return known ? Period.print(known) : null;
}

/** Term and billing period that an order is about: of the product bought, or of the subscription changed. */
export function termsAsked(ask: OrderAsk, { subscription }: OrderBasis): Terms {
  const of = ask.kind === 'create' ? ask.product : subscription;
  return { term: print(of?.term), billingPeriod: print(of?.billingPeriod) };
}

/** Of a seat and a billing period; of a subscription with several lines only where one of them is meant. */
export function unitPriceOf(ask: OrderAsk, { unitPrice, subscription }: OrderBasis): Money | null {
  if (ask.kind === 'create') return unitPrice;
  const lines = subscription?.lines ?? [];
  if (ask.kind === 'change-quantity')
    return lines.find((line) => isLineOf(line, ask.product))?.unitPrice ?? null;
  return lines.length === 1 ? lines[0]!.unitPrice : null;
}

/** What an order is about in terms and money, when it is commanded. */
export function termsOfOrder(
  ask: OrderAsk,
  basis: OrderBasis,
  quote: Quote | null,
  tolerancePercent: number,
  rules: RefundRules,
  now: number,
): OrderTerms {
  const total = quote?.total ?? ownEstimate(ask, basis, rules, now);
  // Whether CMP tells a refund in its orders is not known; only its own estimate says that it does.
  const comparable = quote?.total && (ask.kind !== 'cancel' || quote.cmp.answer === 'estimated');
  return {
    ...termsAsked(ask, basis),
    unitPrice: unitPriceOf(ask, basis),
    total,
    totalFrom: total === null ? null : comparable ? 'quote' : 'estimate',
    tolerancePercent,
    oneDay: oneDay(ask, basis),
  };
}

const days = { day: 1, month: 28, year: 365 } as const;

/** The most that a day of proration makes of the difference. */
function oneDay(ask: OrderAsk, { subscription }: OrderBasis): Money | null {
  const period = subscription?.billingPeriod;
  if (!subscription || !period || !print(period) || ask.kind === 'create' || ask.kind === 'renewal-setting')
    return null;
  if (ask.kind === 'change-quantity' && ask.when === 'renewal') return null;
  const parts = (subscription.lines ?? [])
    .filter((line) => ask.kind === 'cancel' || isLineOf(line, ask.product))
    .map(({ unitPrice, seats }) => {
      const moved = ask.kind === 'cancel' ? seats : Math.abs(ask.seats - seats);
      return unitPrice && share(unitPrice, BigInt(moved), BigInt(days[period.type] * period.duration));
    });
  return sumOf(parts);
}

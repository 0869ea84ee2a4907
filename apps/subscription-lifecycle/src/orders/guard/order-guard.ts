import { defaultOrderGuard, type OrderGuardV1, type OrderLimitsV1 } from '@isthmus/contracts';
import { Decimal, Money, Period } from '@isthmus/domain';
import { isLineFor, type OrderBasis, quotedUnitPrice, requestedTerms } from '../../quotes/estimate.ts';
import { share } from '../../quotes/quote.ts';
import { isProduct } from '../protocol/order-at-cmp.ts';
import type { OrderProduct, OrderSpec } from '../order.ts';

/** An order of the last day that added seats to the same subscription, or bought the same product for the same account. */
export interface RecentOrder {
  product: OrderProduct;
  /** Seats it added; for a change of seats, the seats before it was sent, as far as known. */
  seats: number;
  seatsBefore: number | null;
  /** Set if somebody agreed to a quote for the order or approved it: seats added until then no longer count. */
  agreed: 'quoted' | 'approved' | null;
}

/** The inputs of the guard besides the order. */
export interface GuardFacts {
  /** Settings published by connector-config; null before the first event. */
  settings: OrderGuardV1 | null;
  /** The oldest first. */
  recent: readonly RecentOrder[];
  /** New subscriptions of the connector in the last hour, without this one. */
  purchases: number;
}

/** An order that is about to be taken. */
export interface GuardedOrder {
  spec: OrderSpec;
  basis: OrderBasis;
  /** True if the order refers to a quote and agrees with it. */
  quoted: boolean;
  /** Callers that cannot get a quote need an approval instead. */
  canQuote: boolean;
}

/** The additional requirement of an order, and the limits it reaches, as text. */
export interface GuardDecision {
  needs: 'nothing' | 'quote' | 'approval';
  reached: ReachedLimit[];
  approvalDays: number;
}

export interface ReachedLimit {
  limit: 'seats' | 'percent' | 'yearly-amount' | 'purchases-per-hour';
  /** The value from which an order needs more than its request. */
  from: number;
  /** The value of the order. */
  value: string;
  detail: string;
}

/**
 * Decides whether an order can be accepted as it is. Only orders that add seats are checked: a decrease or a cancellation that
 * waits could miss the window in which it is possible. An order that needs an approval needs its quote first, so that the
 * approver sees a price.
 */
export function evaluateOrder(
  order: GuardedOrder,
  { settings, recent, purchases }: GuardFacts,
): GuardDecision {
  const unitPrice = quotedUnitPrice(order.spec, order.basis);
  const guard = settings ?? defaultOrderGuard(unitPrice?.currency ?? null);
  const { billingPeriod } = requestedTerms(order.spec, order.basis);
  const counted = order.spec.kind === 'create' ? purchases + 1 : 0;
  const reached = (limits: OrderLimitsV1, agreed: readonly RecentOrder['agreed'][]) => {
    const seats = seatsAdded(order, recent, agreed);
    return seats ? reachedLimits({ ...seats, unitPrice, billingPeriod, purchases: counted }, limits) : [];
  };
  const forQuote = reached(guard.quoteFrom, ['quoted', 'approved']);
  const forApproval = reached(guard.approvalFrom, ['approved']);
  const { approvalDays } = guard;
  if (forQuote.length > 0 && order.canQuote && !order.quoted)
    return { needs: 'quote', reached: forQuote, approvalDays };
  if (forApproval.length > 0) return { needs: 'approval', reached: forApproval, approvalDays };
  if (forQuote.length > 0 && !order.quoted) return { needs: 'approval', reached: forQuote, approvalDays };
  return { needs: 'nothing', reached: [], approvalDays };
}

/** Seats before an order (with those added in the last day) and after it; null if it adds none. */
function seatsAdded(
  { spec, basis }: GuardedOrder,
  recent: readonly RecentOrder[],
  agreed: readonly RecentOrder['agreed'][],
): Pick<Addition, 'seatsBefore' | 'seatsAfter'> | null {
  const sinceAgreed = (orders: readonly RecentOrder[]) =>
    orders.slice(orders.findLastIndex((one) => agreed.includes(one.agreed)) + 1);
  if (spec.kind === 'create') {
    const seatsAfter = sinceAgreed(recent).reduce((sum, { seats }) => sum + seats, spec.seats);
    return { seatsBefore: 0, seatsAfter };
  }
  if (spec.kind !== 'change-quantity') return null;
  const currentSeats = basis.subscription?.lines?.find((line) => isLineFor(line, spec.product))?.seats ?? 0;
  if (spec.seats <= currentSeats) return null;
  // Whoever agreed to more seats of one line has not agreed to more of another.
  const before = sinceAgreed(recent.filter(({ product }) => isSameProduct(product, spec.product))).flatMap(
    ({ seatsBefore }) => seatsBefore ?? [],
  );
  return { seatsBefore: Math.min(currentSeats, ...before), seatsAfter: spec.seats };
}

export const isSameProduct = ({ mpn, cmpProductId }: OrderProduct, other: OrderProduct): boolean =>
  isProduct({ mpn, id: cmpProductId }, other);

/** The seats and amount that an order adds. */
export interface Addition {
  seatsBefore: number;
  seatsAfter: number;
  /** Per seat and billing period; without a known price only the seats count. */
  unitPrice: Money | null;
  /** ISO 8601; a price whose period is not known is counted once. */
  billingPeriod: string | null;
  /** New subscriptions of the connector within the hour with this one; 0 for a change. */
  purchases: number;
}

/**
 * The limits that are reached; each includes its value. The percentage refers to the seats of a subscription and does not apply
 * to a purchase.
 */
export function reachedLimits(addition: Addition, limits: OrderLimitsV1): ReachedLimit[] {
  const { seatsBefore, seatsAfter, purchases } = addition;
  const added = seatsAfter - seatsBefore;
  const reached: ReachedLimit[] = [];
  const note = (limit: ReachedLimit['limit'], from: number, value: string, words: string): void => {
    reached.push({ limit, from, value, detail: words });
  };
  if (limits.seats !== null && added >= limits.seats)
    note('seats', limits.seats, `${added}`, `it adds ${added} seats (limit ${limits.seats})`);
  if (
    limits.percent !== null &&
    seatsBefore > 0 &&
    added >= limits.percentFromSeats &&
    seatsAfter * 100 >= seatsBefore * limits.percent
  ) {
    const percent = Math.floor((seatsAfter * 100) / seatsBefore);
    const words = `it increases ${seatsBefore} seats to ${seatsAfter}, ${percent} % (limit ${limits.percent} %)`;
    note('percent', limits.percent, `${percent}`, words);
  }
  const cost = yearlyCost(addition);
  if (limits.yearlyAmount !== null && cost && Decimal.compare(cost.amount, `${limits.yearlyAmount}`) >= 0)
    note(
      'yearly-amount',
      limits.yearlyAmount,
      cost.amount,
      `the added seats cost ${Money.print(cost)} a year (limit ${limits.yearlyAmount})`,
    );
  if (limits.purchasesPerHour !== null && purchases >= limits.purchasesPerHour)
    note(
      'purchases-per-hour',
      limits.purchasesPerHour,
      `${purchases}`,
      `it is new subscription ${purchases} of the connector within an hour (limit ${limits.purchasesPerHour})`,
    );
  return reached;
}

const perYear = { day: 365, month: 12, year: 1 } as const;

/** Cost of the added seats in a year; null without a price. */
function yearlyCost({ seatsBefore, seatsAfter, unitPrice, billingPeriod }: Addition): Money | null {
  const added = seatsAfter - seatsBefore;
  if (!unitPrice || !Decimal.is(unitPrice.amount)) return null;
  const period = billingPeriod === null ? undefined : Period.read(billingPeriod);
  return period
    ? share(unitPrice, added * perYear[period.type], period.duration)
    : share(unitPrice, added, 1);
}

/** Describes in one sentence why the order needs more than its request. */
export const describeReached = (reached: readonly ReachedLimit[]): string =>
  `The order reaches a limit of this connector: ${reached.map(({ detail }) => detail).join('; ')}.`;

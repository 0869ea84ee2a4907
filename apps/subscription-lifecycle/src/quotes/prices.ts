import { Decimal, Money } from '@isthmus/domain';

const day = 86_400_000;

/** A billing period that is paid for, `[from, until)`, and what a seat costs in it. */
export interface PaidPeriod {
  from: number;
  until: number;
  seatPrice: Money;
}

/**
 * What a change of seats costs (or, negative, gives back) for the rest of the period: by whole days, the begun one being
 * charged in full. An estimate: CMP's own `/orders/estimate` decides. Source: Microsoft Learn, "Create a new
 * subscription": refunds are prorated daily, on day five of a term five days are billed.
 */
export function prorated({ from, until, seatPrice }: PaidPeriod, seats: number, now: number): Money {
  const days = Math.round((until - from) / day);
  const used = Math.min(days, Math.max(0, Math.floor((now - from) / day)));
  // Added seats pay for the day that has begun; seats given back are not refunded for it.
  const left = seats >= 0 ? days - used : days - Math.min(days, used + 1);
  return share(seatPrice, seats * left, days);
}

/** The amount times a fraction, rounded half away from zero, with at least as many decimals as it came with and two. */
export const share = ({ amount, currency }: Money, times: number, of: number): Money =>
  Money.of(Decimal.share(amount, times, of), currency);

/** The price of so many. */
export const times = (price: Money, count: number): Money => share(price, count, 1);

/** The sum, or nothing when a part of it is not known or they are of several currencies. */
export function sumOf(amounts: readonly (Money | null)[]): Money | null {
  const [first, ...others] = amounts;
  if (!first) return null;
  return others.reduce<Money | null>((sum, next) => sum && next && plus(sum, next), first);
}

const plus = (a: Money, b: Money): Money | null =>
  a.currency === b.currency ? Money.of(Decimal.sum([a.amount, b.amount]), a.currency) : null;

/** The highest amount within a tolerance in percent, with up to three decimals; of a refund, the least. */
export function withTolerance(total: Money, percent: number): Money {
  const magnitude = { ...total, amount: Decimal.magnitude(total.amount) };
  return plus(total, share(magnitude, Math.round(percent * 1_000), 100_000))!;
}

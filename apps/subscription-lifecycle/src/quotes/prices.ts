import { Money } from '@isthmus/domain';

const day = 86_400_000;

/** A billing period that is paid for, `[from, until)`, and what a seat costs in it. */
export interface PaidPeriod {
  from: number;
  until: number;
  seatPrice: Money;
}

/**
 * The cost (or, negative, refund) of a change of seats for the rest of the period, by whole days, where a started day is
 * charged in full. An estimate: CMP's own `/orders/estimate` decides. Source: Microsoft Learn, "Create a new subscription":
 * refunds are prorated daily, on day five of a term five days are billed.
 */
export function prorated({ from, until, seatPrice }: PaidPeriod, seats: number, now: number): Money {
  const days = Math.round((until - from) / day);
  const used = Math.min(days, Math.max(0, Math.floor((now - from) / day)));
  // Added seats are charged for the day that has begun; returned seats are not refunded for it.
  const left = seats >= 0 ? days - used : days - Math.min(days, used + 1);
  return share(seatPrice, BigInt(seats) * BigInt(left), BigInt(days));
}

/** The amount times a fraction, rounded half away from zero, with at least two decimals and at least as many as the amount. */
export function share({ amount, currency }: Money, times: bigint, of: bigint): Money {
  const [whole = '0', fraction = ''] = amount.replace('-', '').split('.');
  const scale = Math.max(2, fraction.length);
  const units = BigInt(whole + fraction.padEnd(scale, '0')) * (amount.startsWith('-') ? -1n : 1n);
  const product = units * times;
  const magnitude = product < 0n ? -product : product;
  const rounded = (magnitude * 2n + of) / (of * 2n);
  const digits = rounded.toString().padStart(scale + 1, '0');
  const sign = product < 0n && rounded > 0n ? '-' : '';
  return Money.of(`${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`, currency);
}

/** The price of so many. */
export const times = (price: Money, count: number): Money => share(price, BigInt(count), 1n);

/** The sum, or null if a part of it is unknown or the currencies differ. */
export function sumOf(amounts: readonly (Money | null)[]): Money | null {
  const [first, ...others] = amounts;
  if (!first) return null;
  return others.reduce<Money | null>((sum, next) => sum && next && plus(sum, next), first);
}

function plus(a: Money, b: Money): Money | null {
  if (a.currency !== b.currency) return null;
  const decimals = ({ amount }: Money) => amount.split('.')[1]?.length ?? 0;
  const scale = Math.max(decimals(a), decimals(b));
  const units = ({ amount }: Money) => {
    const [whole = '0', fraction = ''] = amount.split('.');
    return BigInt(whole + fraction.padEnd(scale, '0'));
  };
  const sum = units(a) + units(b);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, '0');
  const cut = digits.length - scale;
  return Money.of(
    `${sum < 0n ? '-' : ''}${digits.slice(0, cut)}${scale ? `.${digits.slice(cut)}` : ''}`,
    a.currency,
  );
}

/** The highest amount within a tolerance in percent, with up to three decimals; of a refund, the least. */
export function withTolerance(total: Money, percent: number): Money {
  const magnitude = { ...total, amount: total.amount.replace('-', '') };
  return plus(total, share(magnitude, BigInt(Math.round(percent * 1_000)), 100_000n))!;
}

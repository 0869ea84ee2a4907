import { Money } from '@isthmus/domain';
import { share } from '../nce/proration.ts';

/** The price of so many. */
export const times = (price: Money, count: number): Money => share(price, BigInt(count), 1n);

/** The sum, or nothing when a part of it is not known or they are of several currencies. */
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
export function raisedBy(total: Money, percent: number): Money {
  const magnitude = { ...total, amount: total.amount.replace('-', '') };
  return plus(total, share(magnitude, BigInt(Math.round(percent * 1_000)), 100_000n))!;
}

import { sumOf } from './money.ts';
import type { Amount } from '../../texts/format.ts';

export const isNegative = (money: Amount | null): boolean =>
  money !== null && money.amount.startsWith('-') && /[1-9]/.test(money.amount);

/** Whether it is charged or refunded is said in words. */
export const unsigned = ({ amount, currency }: Amount): Amount => ({
  amount: amount.replace(/^-/, ''),
  currency,
});

/** What all lines cost in a billing period; null if a price is not known, or they are in several currencies. */
export function sumOfLines(lines: readonly { extendedPrice: Amount | null }[]): Amount | null {
  const prices = lines.map(({ extendedPrice }) => extendedPrice);
  const [first] = prices;
  if (!first || !prices.every((price) => price?.currency === first.currency)) return null;
  return { amount: sumOf(prices.map((price) => price!.amount)), currency: first.currency };
}

const monthsOf = (iso: string | null): number | undefined => {
  const [, count, unit] = /^P(\d+)([MY])$/.exec(iso ?? '') ?? [];
  return unit === undefined ? undefined : Number(count) * (unit === 'Y' ? 12 : 1);
};

/**
 * How often the total is billed in a term that begins now, and the last day of the term; undefined when it is billed once, or that
 * is not known.
 */
export function commitmentOf(
  term: string | null,
  billingPeriod: string | null,
  now: Date,
): { count: number; until: string } | undefined {
  const [months, billed] = [monthsOf(term), monthsOf(billingPeriod)];
  if (!months || !billed || months <= billed) return undefined;
  const until = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, now.getUTCDate() - 1));
  return { count: Math.round(months / billed), until: until.toISOString().slice(0, 10) };
}

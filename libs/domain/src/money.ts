import { CurrencyCode } from './currency-code.ts';
import { Decimal } from './decimal.ts';
import { InvalidValue } from './invalid-value.error.ts';

/** An amount as a decimal string, exactly as it was given, never a float: `{ amount: '12.40', currency: 'USD' }`. */
export interface Money {
  readonly amount: string;
  readonly currency: CurrencyCode;
}

export const Money = {
  /** Throws {@link InvalidValue} when the amount is not a plain decimal or the currency not three letters. */
  of(amount: string, currency: string): Money {
    if (!Decimal.is(amount)) throw new InvalidValue('amount', amount, 'use a plain decimal such as 12.40');
    return { amount, currency: CurrencyCode.parse(currency) };
  },

  /** Reads what {@link Money.print} writes: `12.40 USD`. */
  parse(text: string): Money {
    const [amount = '', currency = '', ...rest] = text.trim().split(/\s+/);
    if (rest.length > 0) throw new InvalidValue('sum of money', text, 'write it as 12.40 USD');
    return Money.of(amount, currency);
  },

  print: ({ amount, currency }: Money): string => `${amount} ${currency}`,

  /** Negative, zero or positive, by value (`1.5` equals `1.50`). Throws {@link InvalidValue} across currencies. */
  compare(a: Money, b: Money): number {
    if (a.currency !== b.currency) {
      throw new InvalidValue(
        'comparable sum',
        Money.print(b),
        `compare it with another sum in ${b.currency}`,
      );
    }
    return Decimal.compare(a.amount, b.amount);
  },
};

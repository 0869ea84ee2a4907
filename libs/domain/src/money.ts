import { Decimal } from './decimal.ts';
import { InvalidValue } from './domain-error.ts';

declare const brand: unique symbol;

/** Three capitals, such as `USD`. */
export type CurrencyCode = string & { readonly [brand]: 'CurrencyCode' };

/**
 * By form only. Currencies are introduced (XCG in 2025) and abolished (HRK in 2023, BGN in 2026), and prices in an abolished
 * one are still prices: a list of current codes would make records unreadable on the day it is updated.
 */
const form = /^[A-Z]{3}$/;

export const CurrencyCode = {
  is: (text: string): text is CurrencyCode => form.test(text),

  /** The code, or undefined for what is not three letters. Forgives case and surrounding blanks. */
  read(text: string): CurrencyCode | undefined {
    // The form is checked before the case is changed: capitals of other letters, such as the long s, may be plain ones.
    const code = text.trim();
    return /^[A-Za-z]{3}$/.test(code) ? (code.toUpperCase() as CurrencyCode) : undefined;
  },

  /** {@link CurrencyCode.read}; throws {@link InvalidValue} where there is none. */
  parse(text: string): CurrencyCode {
    const code = CurrencyCode.read(text);
    if (!code) throw new InvalidValue('currency code', text, 'use three letters such as USD');
    return code;
  },
};

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

import { InvalidValue } from './invalid-value.error.ts';

declare const brand: unique symbol;

/** Three capitals, such as `USD`. */
export type CurrencyCode = string & { readonly [brand]: 'CurrencyCode' };

/**
 * By form only. Currencies come (XCG in 2025) and go (HRK in 2023, BGN in 2026), and prices in one that has gone are still prices: a
 * list of today's codes would make records unreadable on the day it is updated.
 */
const form = /^[A-Z]{3}$/;

export const CurrencyCode = {
  is: (text: string): text is CurrencyCode => form.test(text),

  /** The code, or undefined for what is not three letters. Forgives case and surrounding blanks. */
  read(text: string): CurrencyCode | undefined {
    // Case is changed after the look at the form: capitals of other letters, such as the long s, may be plain ones.
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

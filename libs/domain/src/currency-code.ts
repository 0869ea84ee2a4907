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

  /** Forgives case and surrounding blanks. Throws {@link InvalidValue} for what is not three letters. */
  parse(text: string): CurrencyCode {
    const code = text.trim().toUpperCase();
    if (!CurrencyCode.is(code))
      throw new InvalidValue('currency code', text, 'use three letters such as USD');
    return code;
  },
};

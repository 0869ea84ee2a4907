import currencies from 'currency-codes';
import { InvalidValue } from './invalid-value.error.ts';

declare const brand: unique symbol;

/** An ISO 4217 code in capitals, such as `USD`. */
export type CurrencyCode = string & { readonly [brand]: 'CurrencyCode' };

const known = new Set(currencies.codes());

export const CurrencyCode = {
  is: (text: string): text is CurrencyCode => known.has(text),

  /** Forgives case and surrounding blanks. Throws {@link InvalidValue} for a code that ISO 4217 does not list. */
  parse(text: string): CurrencyCode {
    const code = text.trim().toUpperCase();
    if (!CurrencyCode.is(code))
      throw new InvalidValue('currency code', text, 'use an ISO 4217 code such as USD');
    return code;
  },
};

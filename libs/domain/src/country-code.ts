import countries from 'i18n-iso-countries/index.js';
import { InvalidValue } from './invalid-value.error.ts';

declare const brand: unique symbol;

/** An ISO 3166-1 alpha-2 code in capitals, such as `GB`. */
export type CountryCode = string & { readonly [brand]: 'CountryCode' };

// The package's main door also loads every language's country names, which costs 17 ms at start.
const known = new Set(Object.keys(countries.getAlpha2Codes()));

export const CountryCode = {
  is: (text: string): text is CountryCode => known.has(text),

  /** Forgives case and surrounding blanks. Throws {@link InvalidValue} for a code that ISO 3166-1 does not list. */
  parse(text: string): CountryCode {
    const code = text.trim().toUpperCase();
    if (!CountryCode.is(code))
      throw new InvalidValue('country code', text, 'use an ISO 3166-1 alpha-2 code such as US');
    return code;
  },
};

import countries from 'i18n-iso-countries/index.js';
import { InvalidValue } from './domain-error.ts';

declare const brand: unique symbol;

/** An ISO 3166-1 alpha-2 code in capitals, such as `GB`. */
export type CountryCode = string & { readonly [brand]: 'CountryCode' };

// The package's main entry also loads every language's country names, which costs 17 ms at start.
const known = new Set(Object.keys(countries.getAlpha2Codes()));

export const CountryCode = {
  is: (text: string): text is CountryCode => known.has(text),

  /**
   * Returns the ISO code for a country code as entered by users, or undefined if ISO 3166-1 does not list it. Ignores case and
   * surrounding spaces, and accepts UK for GB: CMP calls its British marketplace `uk`, and ISO reserves that code.
   */
  read(text: string): CountryCode | undefined {
    const code = text.trim().toUpperCase().replace(/^UK$/, 'GB');
    return CountryCode.is(code) ? code : undefined;
  },

  /** Like {@link CountryCode.read}, but throws {@link InvalidValue} for an invalid code. */
  parse(text: string): CountryCode {
    const code = CountryCode.read(text);
    if (!code) throw new InvalidValue('country code', text, 'use an ISO 3166-1 alpha-2 code such as US');
    return code;
  },
};

/**
 * Countries in which Ingram Micro runs a CloudMarketplace, according to its published marketplace terms (apidocs.cloud.im,
 * terms). LA stands for the Latin American marketplace there, not for Laos, so it is not listed.
 */
const served = new Set('US CA MX BR NL GB FR DE IT ES SE BE AT CH ME TR AU NZ SG HK IN MY'.split(' '));

/** The CMP marketplace code of a country (`US` → `us`, `GB` → `uk`), or undefined where CMP has no marketplace. */
export function marketplaceForCountry(country: CountryCode): string | undefined {
  if (!served.has(country)) return undefined;
  return country === 'GB' ? 'uk' : country.toLowerCase();
}

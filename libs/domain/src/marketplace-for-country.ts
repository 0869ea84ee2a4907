import type { CountryCode } from './country-code.ts';

/**
 * Countries in which Ingram Micro runs a CloudMarketplace, by its published marketplace terms (apidocs.cloud.im, terms).
 * LA is their word for the Latin American marketplace, not Laos, so it is not listed.
 */
const served = new Set('US CA MX BR NL GB FR DE IT ES SE BE AT CH ME TR AU NZ SG HK IN MY'.split(' '));

/** The CMP marketplace code of a country (`US` → `us`, `GB` → `uk`), or undefined where CMP has no marketplace. */
export function marketplaceForCountry(country: CountryCode): string | undefined {
  if (!served.has(country)) return undefined;
  return country === 'GB' ? 'uk' : country.toLowerCase();
}

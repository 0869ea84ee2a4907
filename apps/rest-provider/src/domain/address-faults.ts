import { CountryCode } from '@isthmus/domain';
import { statesOf } from './country-rules.ts';

export interface GivenAddress {
  country?: string | null;
  city?: string | null;
  regionOrState?: string | null;
  addressLine1?: string | null;
  postalOrZipCode?: string | null;
}

/** ISO 3166-1 alpha-2 in capitals (UK is GB), or null for what is none. */
export const countryCodeOf = (text: string | null | undefined): CountryCode | null =>
  CountryCode.read(text ?? '') ?? null;

/** By field, what CMP would not take of an address; empty when it would take all. */
export function addressFaults(address: GivenAddress): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const field of ['addressLine1', 'city', 'postalOrZipCode', 'country'] as const)
    if (!address[field]?.trim()) faults[field] = 'is needed by CMP';
  const country = countryCodeOf(address.country);
  if (address.country && !country) faults.country = 'must be an ISO 3166-1 alpha-2 code such as US';
  const states = country && statesOf(country);
  const state = address.regionOrState?.trim();
  if (states && !state) faults.regionOrState = `is needed by CMP in ${country}`;
  else if (states && states.length > 0 && !states.includes(state!.toUpperCase()))
    faults.regionOrState = `is no state of ${country}; write its code, such as ${states[0]}`;
  return faults;
}

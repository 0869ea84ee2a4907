import { CountryCode } from '@isthmus/domain';
import { type CountryCode as PhoneCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';

const list = (codes: string): readonly string[] => codes.split(' ');

/**
 * Countries where CMP requires a state, as far as observed, with the postal codes of the states if the list is short and
 * stable. Source: CMP returns 400 without one ("state mandatory in some countries").
 */
const states: Readonly<Record<string, readonly string[]>> = {
  US: list(
    'AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA ' +
      'RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI',
  ),
  CA: list('AB BC MB NB NL NS NT NU ON PE QC SK YT'),
  AU: list('ACT NSW NT QLD SA TAS VIC WA'),
  BR: list('AC AL AP AM BA CE DF ES GO MA MT MS MG PA PB PR PE PI RJ RN RS RO RR SC SP SE TO'),
  IN: [],
};

/** The codes of its states; empty if any text is accepted, null if none is required. */
export const statesRequiredIn = (country: string): readonly string[] | null => states[country] ?? null;

/** CMP's languages. Source: SimpleAPI 1.1, customer.language. */
const cmpLanguages = list('en_US de_DE es_ES fr_FR it_IT ja_JP ar_AE nl_NL pt_BR');

/** The language most spoken there, according to the Unicode CLDR built into Node; `en` if it has none. */
export const mainLanguage = (country: string): string =>
  new Intl.Locale(`und-${country}`).maximize().language || 'en';

/** The language of a customer at CMP: the requested one or the country's, if CMP supports it; otherwise English. */
export function cmpLanguage(requested: string | null | undefined, country: string): string {
  const wanted =
    (requested ?? '').trim().slice(0, 2).toLowerCase() || (country ? mainLanguage(country) : 'en');
  return cmpLanguages.find((known) => known.startsWith(`${wanted}_`)) ?? 'en_US';
}

interface GivenAddress {
  country?: string | null;
  city?: string | null;
  regionOrState?: string | null;
  addressLine1?: string | null;
  postalOrZipCode?: string | null;
}

/** ISO 3166-1 alpha-2 in capitals (UK is GB), or null. */
export const parseCountryCode = (text: string | null | undefined): CountryCode | null =>
  CountryCode.read(text ?? '') ?? null;

/** The problems for which CMP would reject an address, keyed by field; empty if it would accept it. */
export function addressProblems(address: GivenAddress): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const field of ['addressLine1', 'city', 'postalOrZipCode', 'country'] as const)
    if (!address[field]?.trim()) problems[field] = 'is required by CMP';
  const country = parseCountryCode(address.country);
  if (address.country && !country) problems.country = 'must be an ISO 3166-1 alpha-2 code such as US';
  const states = country && statesRequiredIn(country);
  const state = address.regionOrState?.trim();
  if (states && !state) problems.regionOrState = `is required by CMP in ${country}`;
  else if (states && states.length > 0 && !states.includes(state!.toUpperCase()))
    problems.regionOrState = `is not a state of ${country}; use its code, such as ${states[0]}`;
  return problems;
}

const suffix = '.onmicrosoft.com';
const label = /^[a-z0-9]{1,27}$/;

/** `contoso` or `Contoso.onmicrosoft.com` as `contoso.onmicrosoft.com`; null for what cannot be a Microsoft domain. */
export function parseMicrosoftDomain(text: string): string | null {
  const lower = text.trim().toLowerCase();
  const prefix = lower.endsWith(suffix) ? lower.slice(0, -suffix.length) : lower;
  return label.test(prefix) ? prefix + suffix : null;
}

export const phoneFormats = ['e164', 'split'] as const;
/** `e164`: `+19495551234`. `split`: CMP's older form, country, area, number and extension between `#`: `1##9495551234#`. */
export type PhoneFormat = (typeof phoneFormats)[number];

/**
 * Formats a phone number for CMP by the rules of the customer's country, in any notation; null if it is not a number there. An
 * extension is kept only in the split form, because E.164 has none.
 * @param country ISO 3166-1 alpha-2, or empty if it is unknown
 */
export function formatPhoneForCmp(text: string, country: string, format: PhoneFormat): string | null {
  const written = splitForm.test(text) ? fromSplitForm(text) : text;
  const phone = parsePhoneNumberFromString(written, (country || undefined) as PhoneCountry | undefined);
  if (!phone?.isPossible()) return null;
  if (format === 'e164') return phone.number;
  return `${phone.countryCallingCode}##${phone.nationalNumber}#${phone.ext ?? ''}`;
}

/** A contact as CMP shows it may be sent back to us. */
const splitForm = /^\+?\d{1,3}#\d*#\d+#\d*$/;

function fromSplitForm(text: string): string {
  const [country = '', area = '', number = '', extension = ''] = text.replace('+', '').split('#');
  return `+${country}${area}${number}${extension && ` ext. ${extension}`}`;
}

const list = (codes: string): readonly string[] => codes.split(' ');

/**
 * Countries where CMP wants a state, as far as anybody has seen; with the postal codes of its states where the list is
 * short and settled. Source: CMP answers 400 without one ("state mandatory in some countries").
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

/** Codes of its states, empty where any text will do, null where none is needed. */
export const statesOf = (country: string): readonly string[] | null => states[country] ?? null;

/** CMP's languages. Source: SimpleAPI 1.1, customer.language. */
const cmpLanguages = list('en_US de_DE es_ES fr_FR it_IT ja_JP ar_AE nl_NL pt_BR');

/** The language of most people there, out of the Unicode CLDR that is built into Node; `en` when it has none. */
export const usualLanguage = (country: string): string =>
  new Intl.Locale(`und-${country}`).maximize().language || 'en';

/** The language CMP is told of a customer: the one asked for, else the country's, as far as CMP has it; else English. */
export function languageOf(asked: string | null | undefined, country: string): string {
  const wanted = (asked ?? '').trim().slice(0, 2).toLowerCase() || (country ? usualLanguage(country) : 'en');
  return cmpLanguages.find((known) => known.startsWith(`${wanted}_`)) ?? 'en_US';
}

import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';

export const phoneFormats = ['e164', 'split'] as const;
/** `e164`: `+19495551234`. `split`: CMP's older form, country, area, number and extension between `#`: `1##9495551234#`. */
export type PhoneFormat = (typeof phoneFormats)[number];

/**
 * A phone number as CMP wants it, from how people write one, read by the rules of the customer's country; null when it cannot be a
 * number there. An extension is kept only by the split form: E.164 has none.
 * @param country ISO 3166-1 alpha-2, or empty when it is not known
 */
export function phoneForCmp(text: string, country: string, format: PhoneFormat): string | null {
  const written = splitForm.test(text) ? joined(text) : text;
  const phone = parsePhoneNumberFromString(written, (country || undefined) as CountryCode | undefined);
  if (!phone?.isPossible()) return null;
  if (format === 'e164') return phone.number;
  return `${phone.countryCallingCode}##${phone.nationalNumber}#${phone.ext ?? ''}`;
}

/** What CMP shows of a contact may come back to us. */
const splitForm = /^\+?\d{1,3}#\d*#\d+#\d*$/;

function joined(text: string): string {
  const [country = '', area = '', number = '', extension = ''] = text.replace('+', '').split('#');
  return `+${country}${area}${number}${extension && ` ext. ${extension}`}`;
}

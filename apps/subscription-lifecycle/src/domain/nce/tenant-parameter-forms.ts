import { isEmail, isUUID } from 'class-validator';
import type { OrderParameter } from '../order/order-ask.ts';

/** What is wrong with a parameter's value, in words; nothing when it will do. */
export type Form = (parameter: OrderParameter, now: number) => string | null;

const hour = 3_600_000;

const text =
  (check: (value: string, now: number) => string | null): Form =>
  ({ value }, now) =>
    value === undefined || value.trim() === '' ? 'needs a text as its value' : check(value, now);

export const oneOf = (...values: string[]): Form =>
  text((value) => (values.includes(value) ? null : `must be ${values.join(' or ')}, written so`));

export const anyText: Form = text(() => null);

export const guid: Form = text((value) => (isUUID(value) ? null : 'must be a GUID'));

export const email: Form = text((value) => (isEmail(value) ? null : 'must be an e-mail address'));

/** A tenant's first domain has letters and digits only; some older tenants have hyphens. Source: Microsoft Learn. */
export const fullDomain = (suffix: string): Form =>
  text((value) => {
    const label = value.toLowerCase().endsWith(suffix) ? value.slice(0, -suffix.length) : '';
    return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label)
      ? null
      : `must be the whole domain, such as fabrikam${suffix}`;
  });

/** Source: Ingram Micro's examples for Office 365: "do not include '.onmicrosoft.com'". */
export const domainPrefix = (suffix: string): Form =>
  text((value) =>
    /^[a-z0-9]{1,27}$/i.test(value)
      ? null
      : `must be the domain without ${suffix}: 1 to 27 letters and digits, such as fabrikam`,
  );

/** `MM-DD-YYYY`, a day of the calendar that has begun somewhere on earth. */
export const pastDay: Form = text((value, now) => {
  const [, month, day, year] = /^(\d{2})-(\d{2})-(\d{4})$/.exec(value) ?? [];
  if (!year) return 'must be a date as MM-DD-YYYY';
  const at = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(at.getTime()) || at.getUTCDate() !== Number(day))
    return `${value} is no day, as MM-DD-YYYY`;
  return at.getTime() > now + 14 * hour ? `${value} is in the future` : null;
});

/** `{ attestation_accepted: boolean }`, and true where it has to be. */
export const attestation =
  (mustBeAccepted: boolean): Form =>
  ({ structured_value }) => {
    const accepted = (structured_value as { attestation_accepted?: unknown } | undefined)
      ?.attestation_accepted;
    if (typeof accepted !== 'boolean')
      return 'needs the structured_value { "attestation_accepted": true or false }';
    return mustBeAccepted && !accepted ? 'must be accepted' : null;
  };

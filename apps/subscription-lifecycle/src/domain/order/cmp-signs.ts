import type { CmpOrderDetail, CmpParameterValidation } from '@isthmus/cmp-client';
import { isURL } from 'class-validator';

/** By what an order at CMP shows that it waits for a person. Nobody has published it, so that all of it is a setting. */
export interface CmpSigns {
  /** CMP's internal codes of an order that somebody has to confirm in the control panel. */
  holdCodes: readonly string[];
  /** Names of attributes and parameters with a link that the customer has to open and accept. */
  linkFields: readonly string[];
}

export const defaultSigns: CmpSigns = {
  holdCodes: ['HL', 'NP'],
  linkFields: [
    'acceptance_link',
    'acceptance_url',
    'customer_acceptance_link',
    'customer_acceptance_url',
    'attestation_link',
    'attestation_url',
    'mca_attestation_link',
    'mca_link',
  ],
};

/** A link that the customer has to accept; null where CMP gave one that cannot be shown. */
export interface Acceptance {
  link: string | null;
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** Only what a browser may safely be sent to. */
const safe = (link: string): string | null =>
  link.length <= 2000 && isURL(link, { protocols: ['https'], require_protocol: true, disallow_auth: true })
    ? link
    : null;

function acceptanceAmong(
  fields: readonly (readonly [string, string | undefined])[],
  { linkFields }: CmpSigns,
): Acceptance | null {
  const wanted = new Set(linkFields.map(plain));
  const values = fields.flatMap(([name, value]) =>
    wanted.has(plain(name)) && value?.trim() ? [value.trim()] : [],
  );
  if (values.length === 0) return null;
  return { link: values.map(safe).find((link) => link !== null) ?? null };
}

/** What an order that is not at its end asks of the customer. */
export const acceptanceOf = (detail: CmpOrderDetail, signs: CmpSigns): Acceptance | null =>
  ['completed', 'error', 'cancelled'].includes(detail.status) && !isHeld(detail, signs)
    ? null
    : acceptanceAmong(
        [
          ...Object.entries(detail.attributes),
          ...detail.products.flatMap(({ parameters }) =>
            parameters.map(({ name, value }) => [name, value] as const),
          ),
        ],
        signs,
      );

/** What CMP asks of the customer before it takes the parameters of a purchase. */
export const acceptanceNeeded = (
  validations: readonly CmpParameterValidation[],
  signs: CmpSigns,
): Acceptance | null =>
  acceptanceAmong(
    validations.flatMap(({ parameters }) =>
      parameters
        .filter(({ result }) => result !== 'success')
        .map(({ name, value }) => [name, value] as const),
    ),
    signs,
  );

/** Whether somebody has to confirm the order in the control panel: by its code, or by a status that says so. */
export const isHeld = (
  { statusCode = '', statusWord = '' }: Pick<CmpOrderDetail, 'statusCode' | 'statusWord'>,
  { holdCodes }: CmpSigns,
): boolean =>
  holdCodes.some((code) => code.toUpperCase() === statusCode.trim().toUpperCase()) ||
  /hold/i.test(statusWord);

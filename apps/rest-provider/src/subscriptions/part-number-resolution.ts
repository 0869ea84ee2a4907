import type {
  PartNumberQueryV1,
  PartNumberResolutionV1,
  ResolvedProductV1,
  TermOfFrequencyV1,
} from '@isthmus/contracts';
import { BillingCycleType, toBillingPeriod } from '../work365/enums.ts';
import { type Purchase, WriteRefused } from '../write-intents/write-intent.ts';

/** ISO 8601; absent where not specified. */
export interface ResolvedPeriods {
  billingPeriod?: string;
  term?: string;
}

const settings: Readonly<Record<number, keyof TermOfFrequencyV1>> = {
  [BillingCycleType.Monthly]: 'monthly',
  [BillingCycleType.Annual]: 'annual',
  [BillingCycleType.Triennial]: 'triennial',
};

const settingFor = (frequency: number | null) => (frequency === null ? undefined : settings[frequency]);
const frequencyName = (frequency: number | null): string =>
  Object.entries(BillingCycleType).find(([, number]) => number === frequency)?.[0] ?? 'nothing';

/** The requests that resolve a purchase to a product: as it was sent, with the term its frequency stands for, and by part number alone. */
export function resolutionRequests(
  { partNumber, frequency }: Purchase,
  terms: TermOfFrequencyV1 | undefined,
): PartNumberQueryV1[] {
  const request = { partNumber, billingPeriod: toBillingPeriod(frequency) };
  const setting = settingFor(frequency);
  const term = setting && terms?.[setting];
  return term ? [request, { ...request, term }, { partNumber }] : [request];
}

/**
 * The part number comes first: an alias or mapping determines the product, and the frequency has to agree. The setting
 * decides only if the part number is sold in several terms, and its term must be on sale: a frequency for which only another
 * term is sold is refused. An unknown part number is left to subscription-lifecycle. The third parameter holds the responses
 * to `resolutionRequests`.
 * @throws WriteRefused
 */
export function resolvedPeriods(
  purchase: Purchase,
  terms: TermOfFrequencyV1 | undefined,
  [asSent, withTerm, bare]: readonly PartNumberResolutionV1[],
): ResolvedPeriods {
  const { partNumber, frequency } = purchase;
  const billingPeriod = toBillingPeriod(frequency);
  const setting = settingFor(frequency);
  const term = setting && terms?.[setting];
  if (asSent?.product && bare?.outcome === 'ambiguous' && !matchesTerm(withTerm, asSent.product))
    throw new WriteRefused(
      'order.term-differs',
      `${partNumber} with provisioningFrequency ${frequencyName(frequency)} is sold with a term of ${asSent.product.term ?? 'unknown length'} only, but termOfFrequency.${setting} of the connector is ${term}.`,
      `Buy with the alias of the intended product, or change termOfFrequency.${setting} of the connector, or map the part number to a product.`,
    );
  if (asSent?.product) return requireAgreement(purchase, asSent.product, asSent.differs.length > 0);
  if (asSent?.outcome !== 'ambiguous') return { billingPeriod };
  if (withTerm?.product && withTerm.differs.length === 0)
    return requireAgreement(purchase, withTerm.product, false);
  const code = 'order.part-number-not-resolved';
  if (!asSent.deciding.includes('term') && !asSent.deciding.includes('billingPeriod'))
    throw new WriteRefused(
      code,
      asSent.reason ?? `${partNumber} does not resolve to exactly one product.`,
      'Map the part number to a product.',
    );
  const candidates = describeCandidates(asSent);
  if (!setting)
    throw new WriteRefused(
      code,
      `${partNumber} is sold in ${asSent.candidateCount} ways, and the request does not specify one: ${candidates}.`,
      'Buy with the alias of the intended product, or send provisioningFrequency and set termOfFrequency of the connector, or map the part number to a product.',
    );
  throw new WriteRefused(
    code,
    term
      ? `termOfFrequency.${setting} of the connector is ${term}, but ${partNumber} is not sold with that term and provisioningFrequency ${frequencyName(frequency)}: ${candidates}.`
      : `${partNumber} with provisioningFrequency ${frequencyName(frequency)} is sold in ${asSent.candidateCount} ways, and the request does not specify a term: ${candidates}.`,
    `Buy with the alias of the intended product, or set termOfFrequency.${setting} of the connector to the term for ${frequencyName(frequency)}, or map the part number to a product.`,
  );
}

/** True if the request with the setting's term resolves to the same product. */
const matchesTerm = (withTerm: PartNumberResolutionV1 | undefined, product: ResolvedProductV1): boolean =>
  withTerm?.product !== undefined && withTerm.differs.length === 0 && withTerm.product.term === product.term;

/** `differs`: true if the catalogue reports that the product does not match the request. */
function requireAgreement(
  { partNumber, frequency }: Purchase,
  { billingPeriod, term, name }: ResolvedProductV1,
  differs: boolean,
): ResolvedPeriods {
  if (!differs) return { billingPeriod: billingPeriod ?? toBillingPeriod(frequency), term };
  throw new WriteRefused(
    'order.term-differs',
    `${partNumber} is ${name}, billed every ${billingPeriod} with a term of ${term ?? 'unknown length'}, but provisioningFrequency is ${frequencyName(frequency)} (${toBillingPeriod(frequency)}).`,
    'Send the provisioningFrequency of the product or none, or use the part number of the intended product.',
  );
}

const describeCandidates = ({ candidates, candidateCount }: PartNumberResolutionV1): string => {
  const described = candidates.map(
    ({ billingPeriod, term }) =>
      `term ${term ?? 'unknown'} billed every ${billingPeriod ?? 'unknown period'}`,
  );
  const more = candidateCount - candidates.length;
  return [...described, ...(more > 0 ? [`${more} more`] : [])].join(', ');
};

import type {
  PartNumberQuestionV1,
  PartNumberResolutionV1,
  ResolvedProductV1,
  TermOfFrequencyV1,
} from '@isthmus/contracts';
import { periodOf } from './billing-cycle.ts';
import { WriteRefused } from './errors.ts';
import type { Purchase } from './purchase.ts';
import { BillingCycleType } from './wire-enums.ts';

/** ISO 8601; open where nobody says. */
export interface MeantPeriods {
  billingPeriod?: string;
  term?: string;
}

const settings: Readonly<Record<number, keyof TermOfFrequencyV1>> = {
  [BillingCycleType.Monthly]: 'monthly',
  [BillingCycleType.Annual]: 'annual',
  [BillingCycleType.Triennial]: 'triennial',
};

const settingOf = (frequency: number | null) => (frequency === null ? undefined : settings[frequency]);
const nameOf = (frequency: number | null): string =>
  Object.entries(BillingCycleType).find(([, number]) => number === frequency)?.[0] ?? 'nothing';

/** What has to be asked to tell which product a purchase means: as it was sent, with the term its frequency stands for, and bare. */
export function questionsOf(
  { partNumber, frequency }: Purchase,
  terms: TermOfFrequencyV1 | undefined,
): PartNumberQuestionV1[] {
  const question = { partNumber, billingPeriod: periodOf(frequency) };
  const setting = settingOf(frequency);
  const term = setting && terms?.[setting];
  return term ? [question, { ...question, term }, { partNumber }] : [question];
}

/**
 * The part number's own word comes first: an alias or mapping says which product it is, and the frequency has to agree. Only
 * where it is sold in several terms does the setting decide, and what it says must be there: a frequency that leaves another term
 * only is refused. What is not known at all is left to whoever orders.
 * @param answers to `questionsOf`
 * @throws WriteRefused
 */
export function meantBy(
  purchase: Purchase,
  terms: TermOfFrequencyV1 | undefined,
  [asSent, withTerm, bare]: readonly PartNumberResolutionV1[],
): MeantPeriods {
  const { partNumber, frequency } = purchase;
  const billingPeriod = periodOf(frequency);
  const setting = settingOf(frequency);
  const term = setting && terms?.[setting];
  if (asSent?.product && bare?.outcome === 'ambiguous' && !isTerm(withTerm, asSent.product))
    throw new WriteRefused(
      'order.term-differs',
      `${partNumber} with provisioningFrequency ${nameOf(frequency)} is sold with a term of ${asSent.product.term ?? 'unknown length'} only, and termOfFrequency.${setting} of the connector says ${term}.`,
      `Buy by the alias part number of the one that is meant, or change termOfFrequency.${setting} of the connector, or map the part number to a product.`,
    );
  if (asSent?.product) return agreed(purchase, asSent.product, asSent.differs.length > 0);
  if (asSent?.outcome !== 'ambiguous') return { billingPeriod };
  if (withTerm?.product && withTerm.differs.length === 0) return agreed(purchase, withTerm.product, false);
  const code = 'order.part-number-not-resolved';
  if (!asSent.deciding.includes('term') && !asSent.deciding.includes('billingPeriod'))
    throw new WriteRefused(
      code,
      asSent.reason ?? `${partNumber} does not name exactly one product.`,
      'Map the part number to a product.',
    );
  const ways = waysOf(asSent);
  if (!setting)
    throw new WriteRefused(
      code,
      `${partNumber} is sold in ${asSent.candidateCount} ways, and the request names none: ${ways}.`,
      'Buy by the alias part number of the one that is meant, or send provisioningFrequency and set termOfFrequency of the connector, or map the part number to a product.',
    );
  throw new WriteRefused(
    code,
    term
      ? `termOfFrequency.${setting} of the connector says ${term}, and ${partNumber} is not sold so with provisioningFrequency ${nameOf(frequency)}: ${ways}.`
      : `${partNumber} with provisioningFrequency ${nameOf(frequency)} is sold in ${asSent.candidateCount} ways, and the request does not name a term: ${ways}.`,
    `Buy by the alias part number of the one that is meant, or say with termOfFrequency.${setting} of the connector which term ${nameOf(frequency)} stands for, or map the part number to a product.`,
  );
}

/** Whether asking with the setting's term leads to the same product. */
const isTerm = (withTerm: PartNumberResolutionV1 | undefined, product: ResolvedProductV1): boolean =>
  withTerm?.product !== undefined && withTerm.differs.length === 0 && withTerm.product.term === product.term;

/** `differs`: the catalogue says that the product is not what was asked for. */
function agreed(
  { partNumber, frequency }: Purchase,
  { billingPeriod, term, name }: ResolvedProductV1,
  differs: boolean,
): MeantPeriods {
  if (!differs) return { billingPeriod: billingPeriod ?? periodOf(frequency), term };
  throw new WriteRefused(
    'order.term-differs',
    `${partNumber} is ${name}, billed every ${billingPeriod} with a term of ${term ?? 'unknown length'}, and provisioningFrequency says ${nameOf(frequency)} (${periodOf(frequency)}).`,
    'Send the provisioningFrequency of the product or none, or buy by the part number of the one that is meant.',
  );
}

const waysOf = ({ candidates, candidateCount }: PartNumberResolutionV1): string => {
  const told = candidates.map(
    ({ billingPeriod, term }) =>
      `term ${term ?? 'unknown'} billed every ${billingPeriod ?? 'unknown period'}`,
  );
  const more = candidateCount - candidates.length;
  return [...told, ...(more > 0 ? [`${more} more`] : [])].join(', ');
};

import type { DecidingFact, ResolutionOutcome } from '@isthmus/contracts';
import { matchKey, PartNumber, periodSuffix } from '@isthmus/domain';
import { differences, narrowByPeriods, type PeriodFacts } from './narrow-by-periods.ts';
import { pickMapping, type MappingInForce } from './pick-mapping.ts';

export interface Candidate {
  id: string;
  vendor: string;
  mpn: string;
  billingPeriod: string | null;
  term: string | null;
  /** No longer listed by CMP: known, but not to be ordered. */
  withdrawn: boolean;
}

export interface Question extends PeriodFacts {
  partNumber: PartNumber;
}

export interface Resolution<T> {
  outcome: ResolutionOutcome;
  product?: T;
  by?: 'mapping' | 'rule';
  candidates: T[];
  deciding: DecidingFact[];
  differs: ('billingPeriod' | 'term')[];
  reason?: string;
}

/** The mpns under which a part number may be in the catalogue: as it is, or without the suffix. */
export const mpnKeysOf = ({ mpn }: PartNumber): string[] => {
  const suffix = periodSuffix(mpn);
  return [matchKey(mpn), ...(suffix ? [matchKey(suffix.stem)] : [])];
};

/**
 * The one product a part number is, or why there is none. A mapping wins over the rule (vendor and mpn, narrowed by periods).
 * @param found products under one of the part number's `mpnKeysOf`, withdrawn ones too, and the mapped products
 * @param mappings those in force for this part number
 */
export function resolvePartNumber<T extends Candidate>(
  question: Question,
  found: readonly T[],
  mappings: readonly MappingInForce[],
): Resolution<T> {
  return resolveByMapping(question, found, mappings) ?? resolveByRule(question, found);
}

function resolveByMapping<T extends Candidate>(
  question: Question,
  found: readonly T[],
  mappings: readonly MappingInForce[],
): Resolution<T> | undefined {
  const picked = pickMapping(question, mappings);
  if (picked.length === 0) return undefined;
  const [mapping, rival] = picked;
  if (rival) {
    const candidates = found.filter(({ id }) => picked.some(({ productId }) => productId === id));
    const reason = 'Two mappings hold for this question equally. Take one of them back.';
    return { outcome: 'ambiguous', candidates, deciding: ['mapping'], differs: [], reason };
  }
  if (mapping!.productId === null) {
    const reason = 'It is excluded by a mapping. Take that back if it is one of CMP’s products after all.';
    return { outcome: 'excluded', by: 'mapping', candidates: [], deciding: [], differs: [], reason };
  }
  const product = found.find(({ id }) => id === mapping!.productId);
  if (!product || product.withdrawn) {
    const reason = 'The product it is mapped to is no longer in CMP’s catalogue. Map it to another one.';
    const candidates = product ? [product] : [];
    return { outcome: 'unknown', by: 'mapping', candidates, deciding: ['mapping'], differs: [], reason };
  }
  const differs = differences(question, product);
  const reason = differs.length ? differingFrom(question, product, differs) : undefined;
  return { outcome: 'resolved', product, by: 'mapping', candidates: [], deciding: [], differs, reason };
}

function resolveByRule<T extends Candidate>(question: Question, found: readonly T[]): Resolution<T> {
  const { partNumber, billingPeriod, term } = question;
  const own = found.filter(({ vendor }) => matchKey(vendor) === matchKey(partNumber.vendor));
  const exact = own.filter(({ mpn }) => matchKey(mpn) === matchKey(partNumber.mpn));
  const suffix = periodSuffix(partNumber.mpn);
  const stem = suffix ? own.filter(({ mpn }) => matchKey(mpn) === matchKey(suffix.stem)) : [];
  // The suffix is part of the mpn where CMP's mpn has it; only otherwise does it speak of the billing period.
  const named = exact.length || !suffix ? exact : narrowByPeriods(stem, suffix).kept;
  const live = named.filter(({ withdrawn }) => !withdrawn);
  if (live.length === 0) return unknown(partNumber, named.length ? named : stem, named.length > 0);

  const { kept, against } = narrowByPeriods(live, { billingPeriod, term });
  if (kept.length === 1) return resolved(kept[0]!);
  if (kept.length === 0) {
    const reason = `CMP sells it, but with no such ${against.map((fact) => words[fact]).join(' and ')}.`;
    return { outcome: 'unknown', candidates: live, deciding: against, differs: [], reason };
  }
  return ambiguous(kept, question);
}

const words = { billingPeriod: 'billing period', term: 'term' } as const;

function differingFrom(
  question: Question,
  product: Candidate,
  differs: Resolution<never>['differs'],
): string {
  const said = differs.map((fact) => `${words[fact]} ${question[fact]}`).join(' and ');
  const is = differs.map((fact) => `${words[fact]} ${product[fact]}`).join(' and ');
  const name = PartNumber.print(question.partNumber);
  return `${name} is mapped to a product with ${is}, and the request says ${said}. Leave it out, or use the part number of the one that is meant.`;
}

const resolved = <T>(product: T): Resolution<T> => ({
  outcome: 'resolved',
  product,
  by: 'rule',
  candidates: [],
  deciding: [],
  differs: [],
});

function ambiguous<T extends Candidate>(kept: T[], question: Question): Resolution<T> {
  const open = (['billingPeriod', 'term'] as const).filter(
    (fact) => !question[fact] && new Set(kept.map((candidate) => candidate[fact])).size > 1,
  );
  const deciding: DecidingFact[] = open.length ? open : ['mapping'];
  const reason = open.length
    ? `CMP sells it in ${kept.length} ways. Say the ${open.map((fact) => words[fact]).join(' and the ')}, or map it.`
    : `CMP lists ${kept.length} products that differ in nothing a part number can say. Map it to one of them.`;
  return { outcome: 'ambiguous', candidates: kept, deciding, differs: [], reason };
}

function unknown<T>({ vendor, mpn }: PartNumber, near: readonly T[], withdrawn: boolean): Resolution<T> {
  const reason = withdrawn
    ? 'CMP no longer lists it. Map it to its successor.'
    : `The catalogue has no product ${JSON.stringify(mpn)} of vendor ${JSON.stringify(vendor)}. Sync the catalogue, or map it.`;
  return { outcome: 'unknown', candidates: [...near], deciding: ['mapping'], differs: [], reason };
}

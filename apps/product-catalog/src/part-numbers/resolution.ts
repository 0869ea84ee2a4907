import type { DecidingFact, ResolutionOutcome } from '@isthmus/contracts';
import { matchKey, PartNumber, Period, periodSuffix } from '@isthmus/domain';

/** Whether two periods are equally long; twelve months are a year. What is no period is like nothing but itself. */
export function samePeriod(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [Period.read(a), Period.read(b)];
  return one !== undefined && other !== undefined && Period.equals(one, other);
}

/** ISO 8601, or left open. */
export interface PeriodFacts {
  billingPeriod?: string;
  term?: string;
}

export interface WithPeriods {
  billingPeriod: string | null;
  term: string | null;
}

const facts = ['billingPeriod', 'term'] as const;

/** The facts in which a product differs from what is asked. A period that either of them leaves open differs from nothing. */
export const differences = (asked: PeriodFacts, product: WithPeriods): (typeof facts)[number][] =>
  facts.filter((fact) => asked[fact] && product[fact] && !samePeriod(product[fact], asked[fact]));

/**
 * Keeps what agrees with the facts given. A product that does not tell a period neither agrees nor contradicts: it is kept only when
 * none agrees. `against` names the facts that left nothing.
 */
export function narrowByPeriods<T extends WithPeriods>(
  products: readonly T[],
  asked: PeriodFacts,
): { kept: T[]; against: (typeof facts)[number][] } {
  let kept = [...products];
  const against: (typeof facts)[number][] = [];
  for (const fact of facts) {
    const wanted = asked[fact];
    if (!wanted) continue;
    const agreeing = kept.filter((product) => product[fact] !== null && samePeriod(product[fact], wanted));
    const next = agreeing.length ? agreeing : kept.filter((product) => product[fact] === null);
    if (kept.length && !next.length) against.push(fact);
    kept = next;
  }
  return { kept, against };
}

export interface MappingInForce {
  /** Null: excluded. */
  productId: string | null;
  /** '' holds for any. */
  billingPeriod: string;
  term: string;
}

/** The mappings that hold for a question, of those only the most particular; more than one only when they disagree. */
export function pickMapping<M extends MappingInForce>(asked: PeriodFacts, mappings: readonly M[]): M[] {
  const holding = mappings.filter(
    (mapping) => holds(mapping.billingPeriod, asked.billingPeriod) && holds(mapping.term, asked.term),
  );
  const most = Math.max(...holding.map(particularity));
  const picked = holding.filter((mapping) => particularity(mapping) === most);
  return picked.filter(
    (one, index) => picked.findIndex(({ productId }) => productId === one.productId) === index,
  );
}

const holds = (condition: string, asked: string | undefined) =>
  condition === '' || (asked !== undefined && samePeriod(condition, asked));

const particularity = ({ billingPeriod, term }: MappingInForce) =>
  Number(billingPeriod !== '') + Number(term !== '');

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

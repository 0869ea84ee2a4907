import type { DecidingField, ResolutionOutcome } from '@isthmus/contracts';
import { matchKey, PartNumber, Period, periodSuffix } from '@isthmus/domain';

export interface Candidate {
  id: string;
  vendor: string;
  mpn: string;
  billingPeriod: string | null;
  term: string | null;
  /** True if CMP no longer lists the product: it is known, but cannot be ordered. */
  withdrawn: boolean;
}

export interface Question extends GivenPeriods {
  partNumber: PartNumber;
}

export interface Resolution<T> {
  outcome: ResolutionOutcome;
  product?: T;
  by?: 'mapping' | 'rule';
  candidates: T[];
  deciding: DecidingField[];
  differs: ('billingPeriod' | 'term')[];
  reason?: string;
}

/** The MPNs that a part number may have in the catalogue: as it is, or without the suffix. */
export const mpnKeysOf = ({ mpn }: PartNumber): string[] => {
  const suffix = periodSuffix(mpn);
  return [matchKey(mpn), ...(suffix ? [matchKey(suffix.stem)] : [])];
};

/**
 * The one product a part number stands for, or why there is none. A mapping takes precedence over the rule (vendor and MPN,
 * narrowed by periods).
 * @param found products under one of the part number's `mpnKeysOf`, including withdrawn ones, and the mapped products
 * @param mappings the active ones of this part number
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
  const picked = selectMappings(question, mappings);
  if (picked.length === 0) return undefined;
  const [mapping, rival] = picked;
  if (rival) {
    const candidates = found.filter(({ id }) => picked.some(({ productId }) => productId === id));
    const reason = 'Two mappings match this request equally well. End one of them.';
    return { outcome: 'ambiguous', candidates, deciding: ['mapping'], differs: [], reason };
  }
  if (mapping!.productId === null) {
    const reason = 'It is excluded by a mapping. End that mapping if it is one of CMP’s products after all.';
    return { outcome: 'excluded', by: 'mapping', candidates: [], deciding: [], differs: [], reason };
  }
  const product = found.find(({ id }) => id === mapping!.productId);
  if (!product || product.withdrawn) {
    const reason = 'The product it is mapped to is no longer in CMP’s catalogue. Map it to another one.';
    const candidates = product ? [product] : [];
    return { outcome: 'unknown', by: 'mapping', candidates, deciding: ['mapping'], differs: [], reason };
  }
  const differs = differences(question, product);
  const reason = differs.length ? describeDifferences(question, product, differs) : undefined;
  return { outcome: 'resolved', product, by: 'mapping', candidates: [], deciding: [], differs, reason };
}

function resolveByRule<T extends Candidate>(question: Question, found: readonly T[]): Resolution<T> {
  const { partNumber, billingPeriod, term } = question;
  const own = found.filter(({ vendor }) => matchKey(vendor) === matchKey(partNumber.vendor));
  const exact = own.filter(({ mpn }) => matchKey(mpn) === matchKey(partNumber.mpn));
  const suffix = periodSuffix(partNumber.mpn);
  const stem = suffix ? own.filter(({ mpn }) => matchKey(mpn) === matchKey(suffix.stem)) : [];
  // The suffix is part of the MPN where CMP's MPN has it; only otherwise does it stand for the billing period.
  const named = exact.length || !suffix ? exact : narrowByPeriods(stem, suffix).kept;
  const live = named.filter(({ withdrawn }) => !withdrawn);
  if (live.length === 0) return unknown(partNumber, named.length ? named : stem, named.length > 0);

  const { kept, against } = narrowByPeriods(live, { billingPeriod, term });
  if (kept.length === 1) return resolved(kept[0]!);
  if (kept.length === 0) {
    const reason = `CMP sells it, but not with this ${against.map((fact) => labels[fact]).join(' and ')}.`;
    return { outcome: 'unknown', candidates: live, deciding: against, differs: [], reason };
  }
  return ambiguous(kept, question);
}

const labels = { billingPeriod: 'billing period', term: 'term' } as const;

function describeDifferences(
  question: Question,
  product: Candidate,
  differs: Resolution<never>['differs'],
): string {
  const requested = differs.map((fact) => `${labels[fact]} ${question[fact]}`).join(' and ');
  const is = differs.map((fact) => `${labels[fact]} ${product[fact]}`).join(' and ');
  const name = PartNumber.print(question.partNumber);
  return `${name} is mapped to a product with ${is}, but the request specifies ${requested}. Leave it out, or use the part number of the intended product.`;
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
  const deciding: DecidingField[] = open.length ? open : ['mapping'];
  const reason = open.length
    ? `CMP sells it under ${kept.length} combinations of term and billing period. Specify the ${open.map((fact) => labels[fact]).join(' and the ')}, or map it.`
    : `CMP lists ${kept.length} products that a part number cannot distinguish. Map it to one of them.`;
  return { outcome: 'ambiguous', candidates: kept, deciding, differs: [], reason };
}

function unknown<T>({ vendor, mpn }: PartNumber, near: readonly T[], withdrawn: boolean): Resolution<T> {
  const reason = withdrawn
    ? 'CMP no longer lists it. Map it to its successor.'
    : `The catalogue has no product ${JSON.stringify(mpn)} of vendor ${JSON.stringify(vendor)}. Sync the catalogue, or map it.`;
  return { outcome: 'unknown', candidates: [...near], deciding: ['mapping'], differs: [], reason };
}

export interface MappingInForce {
  /** Null: excluded. */
  productId: string | null;
  /** '' applies to any. */
  billingPeriod: string;
  term: string;
}

/** The most specific mappings that apply to a question; more than one only when they disagree. */
function selectMappings<M extends MappingInForce>(requested: GivenPeriods, mappings: readonly M[]): M[] {
  const applicable = mappings.filter(
    (mapping) =>
      applies(mapping.billingPeriod, requested.billingPeriod) && applies(mapping.term, requested.term),
  );
  const most = Math.max(...applicable.map(specificity));
  const picked = applicable.filter((mapping) => specificity(mapping) === most);
  return picked.filter(
    (one, index) => picked.findIndex(({ productId }) => productId === one.productId) === index,
  );
}

const applies = (condition: string, requested: string | undefined) =>
  condition === '' || (requested !== undefined && samePeriod(condition, requested));

const specificity = ({ billingPeriod, term }: MappingInForce) =>
  Number(billingPeriod !== '') + Number(term !== '');

/** True if two periods are equally long; twelve months are a year. A text that is not a period equals only itself. */
export function samePeriod(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [Period.read(a), Period.read(b)];
  return one !== undefined && other !== undefined && Period.equals(one, other);
}

/** ISO 8601, or left open. */
interface GivenPeriods {
  billingPeriod?: string;
  term?: string;
}

export interface WithPeriods {
  billingPeriod: string | null;
  term: string | null;
}

const periodNames = ['billingPeriod', 'term'] as const;

/** The periods in which a product differs from the question. A period that either of them leaves open does not differ. */
export const differences = (requested: GivenPeriods, product: WithPeriods): (typeof periodNames)[number][] =>
  periodNames.filter(
    (name) => requested[name] && product[name] && !samePeriod(product[name], requested[name]),
  );

/**
 * Keeps the products with the given periods. A product without a period neither agrees nor contradicts: it is kept only when none
 * agrees. `against` names the periods that left nothing.
 */
export function narrowByPeriods<T extends WithPeriods>(
  products: readonly T[],
  requested: GivenPeriods,
): { kept: T[]; against: (typeof periodNames)[number][] } {
  let kept = [...products];
  const against: (typeof periodNames)[number][] = [];
  for (const name of periodNames) {
    const wanted = requested[name];
    if (!wanted) continue;
    const agreeing = kept.filter((product) => product[name] !== null && samePeriod(product[name], wanted));
    const next = agreeing.length ? agreeing : kept.filter((product) => product[name] === null);
    if (kept.length && !next.length) against.push(name);
    kept = next;
  }
  return { kept, against };
}

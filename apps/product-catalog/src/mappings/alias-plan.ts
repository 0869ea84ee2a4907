import { InvalidPartNumber, PartNumber } from '@isthmus/domain';
import type { MappingInForce } from '../part-numbers/resolution.ts';

/** `vendor` and `mpn` may be written as here or in angle brackets. */
export const defaultAliasPattern = 'INGRAM:vendor:mpn:<term>:<billing period>';

/** A product that is to have an alias. */
export interface AliasCandidate {
  productId: string;
  /** CMP's id of the product. */
  cmpId: string;
  vendor: string;
  mpn: string;
  name: string;
  /** ISO 8601; null where CMP shows none. */
  term: string | null;
  billingPeriod: string | null;
  withdrawn: boolean;
  /** The product's active alias. */
  alias: string | null;
  /** Live subscriptions whose part number will be shown differently. */
  subscriptions: number;
}

/** What a part number already resolves to. */
export interface NameInUse {
  mappings: readonly MappingInForce[];
  /** Products that it names by vendor and mpn, withdrawn ones too. */
  productIds: readonly string[];
  /** Live subscriptions whose own vendor and mpn it is. */
  subscriptions: number;
}

export const aliasOutcomes = ['create', 'already-aliased', 'refused'] as const;
export type AliasOutcome = (typeof aliasOutcomes)[number];

export interface AliasRow extends Omit<AliasCandidate, 'withdrawn' | 'alias'> {
  /** The alias it has or would get; null when the pattern makes none. */
  partNumber: string | null;
  outcome: AliasOutcome;
  /** The reason why the alias is refused, and the next step. */
  problem: string | null;
}

const placeholder =
  /<\s*(vendor|mpn|term|billing ?period)\s*>|(?<![\p{L}\p{N}<])(vendor|mpn)(?![\p{L}\p{N}>])/giu;

/** The problem with a pattern; undefined if it can be used. */
export function patternProblem(pattern: string): string | undefined {
  const strange = /<[^<>]*>?|>/.exec(pattern.replace(placeholder, ''));
  if (strange)
    return `has the placeholder ${JSON.stringify(strange[0])}; known are vendor, mpn, <term> and <billing period>`;
  return undefined;
}

interface Named {
  partNumber: PartNumber | null;
  problem: string | null;
}

/** The name that a pattern makes for a product; its colons have no meaning, as a part number is looked up as a whole. */
export function aliasName(pattern: string, product: AliasCandidate): Named {
  const { vendor, mpn, term, billingPeriod } = product;
  const values: Record<string, string | null> = { vendor, mpn, term, billingperiod: billingPeriod };
  const labels = { vendor: 'vendor', mpn: 'mpn', term: 'term', billingperiod: 'billing period' };
  let missing: string | undefined;
  const text = pattern.replace(placeholder, (_, bracketed?: string, bare?: string) => {
    const key = (bracketed ?? bare)!.toLowerCase().replace(' ', '') as keyof typeof labels;
    if (!values[key]) missing ??= labels[key];
    return values[key] ?? '';
  });
  if (missing)
    return {
      partNumber: null,
      problem: `CMP shows no ${missing} for it, so the pattern produces no name. Create an alias for it individually.`,
    };
  return parseName(text);
}

/** Parses a name that was entered or made from a pattern. */
export function parseName(text: string): Named {
  try {
    return { partNumber: PartNumber.parse(text), problem: null };
  } catch (error) {
    if (error instanceof InvalidPartNumber) return { partNumber: null, problem: error.message };
    throw error;
  }
}

/**
 * The result for each product, in the given order. A name is given to one product at most, and never taken from a product
 * that already has it.
 * @param named the name of each candidate
 * @param inUse by key of the name
 */
export function planAliases(
  candidates: readonly AliasCandidate[],
  named: readonly Named[],
  inUse: (key: string) => NameInUse | undefined,
): AliasRow[] {
  const wanted = new Map<string, AliasCandidate[]>();
  candidates.forEach((candidate, index) => {
    const { partNumber } = named[index]!;
    if (!partNumber || candidate.alias !== null || candidate.withdrawn) return;
    const key = PartNumber.key(partNumber);
    wanted.set(key, [...(wanted.get(key) ?? []), candidate]);
  });
  return candidates.map((candidate, index) => {
    const { partNumber, problem } = named[index]!;
    const { withdrawn, alias, ...product } = candidate;
    const text = partNumber && PartNumber.print(partNumber);
    if (alias !== null)
      return { ...product, subscriptions: 0, partNumber: alias, outcome: 'already-aliased', problem: null };
    const key = partNumber && PartNumber.key(partNumber);
    const against = withdrawn
      ? 'CMP no longer lists it, so nothing could be ordered with the alias.'
      : key === null
        ? problem
        : collision(candidate, wanted.get(key) ?? [], inUse(key));
    return against === null
      ? { ...product, partNumber: text, outcome: 'create', problem: null }
      : { ...product, subscriptions: 0, partNumber: text, outcome: 'refused', problem: against };
  });
}

/** The reason why the name cannot become this product's alias; null if it can. */
function collision(
  { productId }: AliasCandidate,
  wanted: readonly AliasCandidate[],
  inUse: NameInUse | undefined,
): string | null {
  const rivals = wanted.filter((one) => one.productId !== productId).map(({ cmpId }) => cmpId);
  if (rivals.length)
    return `The same name is requested for ${enumerate(rivals)}. Use a pattern that distinguishes them.`;
  if (!inUse) return null;
  const { mappings, productIds, subscriptions } = inUse;
  const other = mappings.find(
    (one) => one.productId !== productId || one.billingPeriod !== '' || one.term !== '',
  );
  if (other?.productId === null)
    return 'The name is excluded by a mapping. Unmap it first, or choose another.';
  if (other)
    return other.productId === productId
      ? 'The name is mapped for particular periods. Unmap it first, or choose another.'
      : 'The name is mapped to another product. Unmap it first, or choose another.';
  if (productIds.some((id) => id !== productId))
    return 'The name is also the vendor and MPN of other products. Choose another.';
  if (subscriptions > 0 && !productIds.includes(productId))
    return `The name is the vendor and MPN of a product that ${subscriptions} subscriptions have. Choose another.`;
  return null;
}

const maxListed = 5;
const enumerate = (ids: readonly string[]): string =>
  ids.length > maxListed
    ? `${ids.slice(0, maxListed).join(', ')} and ${ids.length - maxListed} more`
    : ids.join(', ');

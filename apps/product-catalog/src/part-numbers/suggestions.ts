import { matchKey, type PartNumber, periodSuffix } from '@isthmus/domain';
import { type Candidate, type Question, samePeriod } from './resolution.ts';

export interface SuggestedCandidate extends Candidate {
  name: string;
}

export interface SuggestionQuestion extends Question {
  /** A name seen with the part number, e.g. that of a subscription's line. */
  name?: string;
  /** Products that people mapped this part number to before, or for another connector. */
  earlier?: readonly { vendor: string; mpn: string; billingPeriod: string | null; term: string | null }[];
}

type EvidenceCode =
  | MpnSimilarity
  | 'same-vendor'
  | 'like-vendor'
  | 'other-vendor'
  | 'same-billing-period'
  | 'other-billing-period'
  | 'same-term'
  | 'other-term'
  | 'same-name'
  | 'like-name'
  | 'earlier-choice';

interface Evidence {
  code: EvidenceCode;
  /** Its contribution to the score; negative if it is evidence against. */
  weight: number;
  detail: string;
}

export interface Suggestion<T> {
  product: T;
  /** 0 to 100. */
  score: number;
  evidence: Evidence[];
  /** Another product scores so closely that the evidence does not decide. */
  tied: boolean;
  /** Good enough to be mapped without a review. */
  sure: boolean;
}

/** With at least this score, and this lead over the next candidate, no suggestion in the labelled catalogue was wrong. */
export const sureScore = 80;
export const sureLead = 10;
/** Below it is noise. */
const minimumScore = 25;
const maxSuggestions = 10;

const weights: Record<EvidenceCode, number> = {
  'same-mpn': 50,
  'same-mpn-stem': 40,
  'same-mpn-squeezed': 35,
  // Two SKUs of one Microsoft product are two products: Business Basic and Exchange Online share one id.
  'same-mpn-family': 5,
  // Part numbers of different products are often one letter apart: Office 365 E1 and E3 are.
  'mpn-typo': 10,
  'same-vendor': 20,
  'like-vendor': 12,
  'other-vendor': -20,
  'same-billing-period': 15,
  'other-billing-period': -30,
  'same-term': 15,
  'other-term': -30,
  'same-name': 15,
  'like-name': 5,
  'earlier-choice': 60,
};

/**
 * Products that an unresolved part number may stand for, best first, with evidence. Only a `sure` one may be used without a
 * person.
 */
export function suggestProducts<T extends SuggestedCandidate>(
  question: SuggestionQuestion,
  candidates: readonly T[],
): Suggestion<T>[] {
  const scored = candidates
    .filter(({ withdrawn }) => !withdrawn)
    .map((product) => scoreOf(question, product))
    .filter(({ score }) => score >= minimumScore)
    .toSorted((a, b) => b.score - a.score || (a.product.id < b.product.id ? -1 : 1));
  return scored.slice(0, maxSuggestions).map((one, index) => {
    const rival = index === 0 ? scored[1] : scored[0];
    const tied = rival !== undefined && Math.abs(one.score - rival.score) < sureLead;
    const contradicted = one.evidence.some(({ weight }) => weight < 0);
    return { ...one, tied, sure: index === 0 && one.score >= sureScore && !tied && !contradicted };
  });
}

function scoreOf<T extends SuggestedCandidate>(question: SuggestionQuestion, product: T) {
  const evidence = [
    ...mpnEvidence(question.partNumber, product),
    ...earlierEvidence(question, product),
    ...periodEvidence(question, product),
    ...nameEvidence(question, product),
  ];
  const chosenBefore = evidence.some(({ code }) => code === 'earlier-choice');
  const vendor = vendorEvidence(question.partNumber, product);
  if (vendor.weight > 0 || !chosenBefore) evidence.unshift(vendor);
  const sum = evidence.reduce((total, { weight }) => total + weight, 0);
  return { product, score: Math.max(0, Math.min(100, sum)), evidence };
}

const evidenceOf = (code: EvidenceCode, detail: string): Evidence => ({
  code,
  weight: weights[code],
  detail,
});

function vendorEvidence({ vendor }: PartNumber, product: SuggestedCandidate): Evidence {
  const [requested, sold] = [matchKey(vendor), matchKey(product.vendor)];
  const detail = `${vendor} / ${product.vendor}`;
  if (requested === sold) return evidenceOf('same-vendor', product.vendor);
  const alike =
    Math.min(requested.length, sold.length) >= 4 &&
    (requested.startsWith(sold) || sold.startsWith(requested));
  return evidenceOf(alike ? 'like-vendor' : 'other-vendor', detail);
}

function mpnEvidence({ mpn }: PartNumber, product: SuggestedCandidate): Evidence[] {
  const likeness = mpnSimilarity(mpn, product.mpn);
  return likeness ? [evidenceOf(likeness, `${mpn} / ${product.mpn}`)] : [];
}

function earlierEvidence({ earlier = [] }: SuggestionQuestion, product: SuggestedCandidate): Evidence[] {
  const chosen = earlier.some(
    (one) =>
      matchKey(one.vendor) === matchKey(product.vendor) &&
      matchKey(one.mpn) === matchKey(product.mpn) &&
      one.billingPeriod === product.billingPeriod &&
      one.term === product.term,
  );
  return chosen ? [evidenceOf('earlier-choice', `${product.vendor} ${product.mpn}`)] : [];
}

function periodEvidence(question: SuggestionQuestion, product: SuggestedCandidate): Evidence[] {
  const billing = question.billingPeriod ?? periodSuffix(question.partNumber.mpn)?.billingPeriod;
  const pairs = [
    ['billing-period', billing, product.billingPeriod],
    ['term', question.term, product.term],
  ] as const;
  return pairs.flatMap(([fact, requested, sold]) => {
    if (!requested || !sold) return [];
    return [
      evidenceOf(samePeriod(requested, sold) ? `same-${fact}` : `other-${fact}`, `${requested} / ${sold}`),
    ];
  });
}

function nameEvidence({ name }: SuggestionQuestion, product: SuggestedCandidate): Evidence[] {
  if (!name) return [];
  const likeness = nameSimilarity(name, product.name);
  if (likeness < 0.6) return [];
  return [evidenceOf(likeness === 1 ? 'same-name' : 'like-name', `${name} / ${product.name}`)];
}

type MpnSimilarity = 'same-mpn' | 'same-mpn-stem' | 'same-mpn-squeezed' | 'same-mpn-family' | 'mpn-typo';

/** An MPN without what people change when they copy it: punctuation, a period suffix, O for 0 and I for 1. */
export function normalizeMpn(mpn: string): string {
  const stem = periodSuffix(mpn)?.stem ?? mpn;
  return matchKey(stem)
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('o', '0')
    .replace(/[il]/g, '1');
}

/** The strongest resemblance between two MPNs. */
function mpnSimilarity(a: string, b: string): MpnSimilarity | undefined {
  if (matchKey(a) === matchKey(b)) return 'same-mpn';
  if (stemOf(a) === stemOf(b)) return 'same-mpn-stem';
  const [left, right] = [normalizeMpn(a), normalizeMpn(b)];
  if (left === right && left.length >= 6) return 'same-mpn-squeezed';
  if (familyOf(a) !== undefined && familyOf(a) === familyOf(b)) return 'same-mpn-family';
  return left.length >= 8 && oneEditApart(left, right) ? 'mpn-typo' : undefined;
}

const stemOf = (mpn: string) => matchKey(periodSuffix(mpn)?.stem ?? mpn);

/** Microsoft's product id, of `CFQ7TTC0LH16:0001`; the rest is the SKU. */
const familyOf = (mpn: string) => /^(cfq7ttc0[0-9a-z]{4}):/.exec(matchKey(mpn))?.[1];

function oneEditApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let from = 0;
  while (from < a.length && a[from] === b[from]) from += 1;
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  const rest = longer.slice(from + 1);
  return rest === shorter.slice(from) || rest === shorter.slice(from + 1);
}

/** Words that describe how a product is sold, not which one it is. "EDU" and "GOV" do distinguish products. */
const saleWords: ReadonlySet<string> = new Set([
  'nce',
  'csp',
  'com',
  'ann',
  'mth',
  'annual',
  'monthly',
  'the',
]);

/** The words of a product's name that distinguish it from others, in order and without case: `microsoft 365 business basic`. */
export function nameKey(name: string): string {
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !saleWords.has(word)).join(' ');
}

/** 0 to 1: the share of words that two names have in common. */
function nameSimilarity(a: string, b: string): number {
  const [left, right] = [new Set(nameKey(a).split(' ')), new Set(nameKey(b).split(' '))];
  if (left.has('') || right.has('')) return 0;
  const common = [...left].filter((word) => right.has(word)).length;
  return common / (left.size + right.size - common);
}

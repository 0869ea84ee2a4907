import { matchKey, type PartNumber, periodSuffix } from '@isthmus/domain';
import { type Candidate, type Question, samePeriod } from './resolution.ts';

export interface SuggestedCandidate extends Candidate {
  name: string;
}

export interface SuggestionQuestion extends Question {
  /** A name seen with the part number, e.g. that of a subscription's line. */
  name?: string;
  /** Products that people have mapped this part number to before, or in another connector. */
  earlier?: readonly { vendor: string; mpn: string; billingPeriod: string | null; term: string | null }[];
}

export type EvidenceCode =
  | MpnLikeness
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

export interface Evidence {
  code: EvidenceCode;
  /** What it adds to the score; negative for what speaks against it. */
  weight: number;
  detail: string;
}

export interface Suggestion<T> {
  product: T;
  /** 0 to 100. */
  score: number;
  evidence: Evidence[];
  /** Another one comes so close that the evidence does not decide between them. */
  tied: boolean;
  /** Good enough to be mapped without a person looking at it. */
  sure: boolean;
}

/** From this score on, and this far ahead of the next, nothing in the labelled catalogue was ever wrong. */
export const sureFrom = 80;
export const aheadBy = 10;
/** Below it is noise. */
const worthShowing = 25;
const mostShown = 10;

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

/** What an unresolved part number may be, best first, with reasons. Nothing follows from it by itself unless `sure`. */
export function suggestProducts<T extends SuggestedCandidate>(
  question: SuggestionQuestion,
  candidates: readonly T[],
): Suggestion<T>[] {
  const scored = candidates
    .filter(({ withdrawn }) => !withdrawn)
    .map((product) => scoreOf(question, product))
    .filter(({ score }) => score >= worthShowing)
    .toSorted((a, b) => b.score - a.score || (a.product.id < b.product.id ? -1 : 1));
  return scored.slice(0, mostShown).map((one, index) => {
    const rival = index === 0 ? scored[1] : scored[0];
    const tied = rival !== undefined && Math.abs(one.score - rival.score) < aheadBy;
    const against = one.evidence.some(({ weight }) => weight < 0);
    return { ...one, tied, sure: index === 0 && one.score >= sureFrom && !tied && !against };
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

const because = (code: EvidenceCode, detail: string): Evidence => ({ code, weight: weights[code], detail });

function vendorEvidence({ vendor }: PartNumber, product: SuggestedCandidate): Evidence {
  const [asked, sold] = [matchKey(vendor), matchKey(product.vendor)];
  const detail = `${vendor} / ${product.vendor}`;
  if (asked === sold) return because('same-vendor', product.vendor);
  const alike =
    Math.min(asked.length, sold.length) >= 4 && (asked.startsWith(sold) || sold.startsWith(asked));
  return because(alike ? 'like-vendor' : 'other-vendor', detail);
}

function mpnEvidence({ mpn }: PartNumber, product: SuggestedCandidate): Evidence[] {
  const likeness = mpnLikeness(mpn, product.mpn);
  return likeness ? [because(likeness, `${mpn} / ${product.mpn}`)] : [];
}

function earlierEvidence({ earlier = [] }: SuggestionQuestion, product: SuggestedCandidate): Evidence[] {
  const chosen = earlier.some(
    (one) =>
      matchKey(one.vendor) === matchKey(product.vendor) &&
      matchKey(one.mpn) === matchKey(product.mpn) &&
      one.billingPeriod === product.billingPeriod &&
      one.term === product.term,
  );
  return chosen ? [because('earlier-choice', `${product.vendor} ${product.mpn}`)] : [];
}

function periodEvidence(question: SuggestionQuestion, product: SuggestedCandidate): Evidence[] {
  const billing = question.billingPeriod ?? periodSuffix(question.partNumber.mpn)?.billingPeriod;
  const pairs = [
    ['billing-period', billing, product.billingPeriod],
    ['term', question.term, product.term],
  ] as const;
  return pairs.flatMap(([fact, asked, sold]) => {
    if (!asked || !sold) return [];
    return [because(samePeriod(asked, sold) ? `same-${fact}` : `other-${fact}`, `${asked} / ${sold}`)];
  });
}

function nameEvidence({ name }: SuggestionQuestion, product: SuggestedCandidate): Evidence[] {
  if (!name) return [];
  const likeness = nameLikeness(name, product.name);
  if (likeness < 0.6) return [];
  return [because(likeness === 1 ? 'same-name' : 'like-name', `${name} / ${product.name}`)];
}

export type MpnLikeness = 'same-mpn' | 'same-mpn-stem' | 'same-mpn-squeezed' | 'same-mpn-family' | 'mpn-typo';

/** An mpn as people copy it: without punctuation and without a period suffix, O for 0 and I for 1. */
export function squeezeMpn(mpn: string): string {
  const stem = periodSuffix(mpn)?.stem ?? mpn;
  return matchKey(stem)
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('o', '0')
    .replace(/[il]/g, '1');
}

/** In what two mpns are alike, the strongest likeness only. */
export function mpnLikeness(a: string, b: string): MpnLikeness | undefined {
  if (matchKey(a) === matchKey(b)) return 'same-mpn';
  if (stemOf(a) === stemOf(b)) return 'same-mpn-stem';
  const [left, right] = [squeezeMpn(a), squeezeMpn(b)];
  if (left === right && left.length >= 6) return 'same-mpn-squeezed';
  if (familyOf(a) !== undefined && familyOf(a) === familyOf(b)) return 'same-mpn-family';
  return left.length >= 8 && oneEditApart(left, right) ? 'mpn-typo' : undefined;
}

const stemOf = (mpn: string) => matchKey(periodSuffix(mpn)?.stem ?? mpn);

/** Microsoft's product id, of `CFQ7TTC0LH16:0001`; the rest tells the SKU. */
const familyOf = (mpn: string) => /^(cfq7ttc0[0-9a-z]{4}):/.exec(matchKey(mpn))?.[1];

function oneEditApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let from = 0;
  while (from < a.length && a[from] === b[from]) from += 1;
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  const rest = longer.slice(from + 1);
  return rest === shorter.slice(from) || rest === shorter.slice(from + 1);
}

/** Words that tell the way of selling, not the product. "EDU" and "GOV" do tell the product. */
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

/** The words of a product's name that tell it from others, in order and without case: `microsoft 365 business basic`. */
export function nameKey(name: string): string {
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !saleWords.has(word)).join(' ');
}

/** 0 to 1: the share of words that two names have in common. */
export function nameLikeness(a: string, b: string): number {
  const [left, right] = [new Set(nameKey(a).split(' ')), new Set(nameKey(b).split(' '))];
  if (left.has('') || right.has('')) return 0;
  const common = [...left].filter((word) => right.has(word)).length;
  return common / (left.size + right.size - common);
}

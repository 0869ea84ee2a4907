import { isoPeriod, type PartNumberResolutionV1, ResolvedProductV1 } from '@isthmus/contracts';
import { IfGiven, isoTime, OrNull, PageQuery, QueryFlag, QueryList } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsString,
  IsUUID,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import type { MappingPreview } from '../mappings/mappings.store.ts';
import type { CatalogPrice, CatalogProduct } from '../products/product.ts';
import { type MappingState, mappingStates } from './part-number.entity.ts';
import {
  type ListedPartNumber,
  type PartNumberSort,
  partNumberSorts,
  type StateCount,
} from './part-numbers.store.ts';
import type { Resolution } from './resolution.ts';
import type { ListedUse } from './subscription-uses.store.ts';
import type { Suggestion } from './suggestions.ts';

const periodMessage = { message: '$property must be a period such as P1M, P1Y or P3Y' };

/** The catalogue and the periods of the query; a period that is left out matches any. */
export class PartNumberPlace {
  @IsUUID() connectorId!: string;
  @IfGiven() @Matches(isoPeriod, periodMessage) billingPeriod?: string;
  @IfGiven() @Matches(isoPeriod, periodMessage) term?: string;
}

export class SuggestionQuery extends PartNumberPlace {
  /** A product name that came with it; otherwise the one shown on subscriptions. */
  @IfGiven() @IsString() @Length(1, 500) name?: string;
}

export class PartNumberQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @QueryList() @IsIn(mappingStates, { each: true }) state?: MappingState[];
  /** Part of the part number or of a product name seen with it. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
  /** `subscriptions`: what most live subscriptions use comes first. */
  @IfGiven() @IsIn(partNumberSorts) sort: PartNumberSort = 'part-number';
  /** Adds the best suggestion to those that wait for a decision. */
  @IfGiven() @QueryFlag() suggest: boolean = false;
}

export class PartNumberUseQuery extends PageQuery {
  @IsUUID() connectorId!: string;
  @IfGiven() @Matches(isoPeriod, periodMessage) billingPeriod?: string;
  @IfGiven() @Matches(isoPeriod, periodMessage) term?: string;
}

export class CountQuery {
  @IfGiven() @IsUUID() connectorId?: string;
}

class BestSuggestionView {
  @IsUUID() productId!: string;
  @IsString() name!: string;
  /** 0 to 100. */
  @IsInt() score!: number;
  /** Good enough to be accepted without a review. */
  @IsBoolean() sure!: boolean;
  /** Another product scores so closely that the evidence does not decide. */
  @IsBoolean() tied!: boolean;
}

export class PartNumberView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsString() partNumber!: string;
  /** The periods it is used with; null where they are left open. */
  @OrNull() @IsString() billingPeriod!: string | null;
  @OrNull() @IsString() term!: string | null;
  @IsIn(mappingStates) state!: MappingState;
  /** The product it resolves to. */
  @OrNull() @IsUUID() productId!: string | null;
  /** Tells whether a user's mapping or the rule decided. */
  @OrNull() @IsIn(['mapping', 'rule']) decidedBy!: 'mapping' | 'rule' | null;
  @IsInt() candidateCount!: number;
  @OrNull() @IsString() reason!: string | null;
  @OrNull() @IsString() seenName!: string | null;
  /** Live provider subscriptions that use it. */
  @IsInt() subscriptions!: number;
  @IsISO8601() firstSeenAt!: string;
  @IsISO8601() judgedAt!: string;
  /** Null if there is none, if nothing is to be decided, or if suggestions were not asked for. */
  @OrNull() @ValidateNested() @Type(() => BestSuggestionView) bestSuggestion!: BestSuggestionView | null;
}

class StateCountView {
  @IsIn(mappingStates) state!: MappingState;
  @IsInt() partNumbers!: number;
  @IsInt() subscriptions!: number;
}

/** Every state once, also those without any. */
export class PartNumberCounts {
  @IsArray() @ValidateNested({ each: true }) @Type(() => StateCountView) data!: StateCountView[];
}

export const toPartNumber = (
  { partNumberKey: _, ...row }: ListedPartNumber,
  best?: Suggestion<CatalogProduct>,
): PartNumberView => ({
  ...row,
  bestSuggestion: best
    ? {
        ...{ productId: best.product.id, name: best.product.name },
        ...{ score: best.score, sure: best.sure, tied: best.tied },
      }
    : null,
  billingPeriod: row.billingPeriod || null,
  term: row.term || null,
  firstSeenAt: isoTime(row.firstSeenAt),
  judgedAt: isoTime(row.judgedAt),
});

export const toCounts = (counts: readonly StateCount[]): PartNumberCounts => ({
  data: mappingStates.map(
    (state) => counts.find((one) => one.state === state) ?? { state, partNumbers: 0, subscriptions: 0 },
  ),
});

/** A line of a live provider subscription. */
export class SubscriptionUseView {
  @IsUUID() providerSubscriptionId!: string;
  @IsInt() line!: number;
  @IsString() cmpSubscriptionId!: string;
  @OrNull() @IsUUID() providerAccountId!: string | null;
  @IsString() partNumber!: string;
  @OrNull() @IsString() billingPeriod!: string | null;
  @OrNull() @IsString() term!: string | null;
  /** CMP's id of the line's product. */
  @IsString() cmpProductId!: string;
  @IsString() name!: string;
  @IsNumber() quantity!: number;
  /** The status as reported by CMP. */
  @IsString() status!: string;
}

export const toSubscriptionUse = (row: ListedUse): SubscriptionUseView => ({
  ...row,
  billingPeriod: row.billingPeriod || null,
  term: row.term || null,
});

const maxCandidates = 8;

/** A resolution, for the API and for requests of other services. */
export function toResolution(
  partNumber: string,
  { outcome, product, by, candidates, deciding, differs, reason }: Resolution<CatalogProduct>,
): PartNumberResolutionV1 {
  return {
    partNumber,
    outcome,
    product: product && toResolvedProduct(product),
    by,
    candidates: candidates.slice(0, maxCandidates).map(toResolvedProduct),
    candidateCount: candidates.length,
    deciding,
    differs,
    reason,
  };
}

/** The error for a text that is not a part number. */
export const invalidPartNumber = (partNumber: string, error: Error): PartNumberResolutionV1 => ({
  partNumber,
  outcome: 'unknown',
  candidates: [],
  candidateCount: 0,
  deciding: [],
  differs: [],
  reason: error.message,
});

function toResolvedProduct(product: CatalogProduct): ResolvedProductV1 {
  return {
    productId: product.id,
    cmpProductId: product.cmpProductId ?? undefined,
    vendor: product.vendor,
    mpn: product.mpn,
    name: product.name,
    serviceName: product.serviceName ?? undefined,
    billingPeriod: product.billingPeriod ?? undefined,
    term: product.term ?? undefined,
    billingModel: product.billingModel ?? undefined,
    minimum: product.minimum ?? undefined,
    maximum: product.maximum ?? undefined,
    unitPrice: lowestTier(product.prices),
    unitCost: lowestTier(product.costs),
    dependsOn: product.dependsOn,
  };
}

/** The recurring price of the lowest tier. */
function lowestTier(prices: readonly CatalogPrice[]): { amount: string; currency: string } | undefined {
  const recurring = prices.filter(({ type = 'recurring' }) => type === 'recurring');
  const [first] = recurring.toSorted((a, b) => (a.lowerLimit ?? 0) - (b.lowerLimit ?? 0));
  return first && { amount: first.amount, currency: first.currency };
}

class EvidenceView {
  @IsString() code!: string;
  /** Its contribution to the score; negative if it is evidence against. */
  @IsInt() weight!: number;
  /** A description of what was compared. */
  @IsString() detail!: string;
}

export class MappingPreviewView implements MappingPreview {
  /** Known uses of the part number that the mapping would hold for. */
  @IsInt() partNumbers!: number;
  @IsInt() subscriptions!: number;
  /** Of these, this many now resolve to another product … */
  @IsInt() subscriptionsMoved!: number;
  /** … and so many to none. */
  @IsInt() subscriptionsPlaced!: number;
}

class SuggestionView {
  @ValidateNested() @Type(() => ResolvedProductV1) product!: ResolvedProductV1;
  /** 0 to 100. */
  @IsInt() score!: number;
  @IsArray() @ValidateNested({ each: true }) @Type(() => EvidenceView) evidence!: EvidenceView[];
  /** Another product scores so closely that the evidence does not decide. */
  @IsBoolean() tied!: boolean;
  /** Good enough to be accepted without a review. */
  @IsBoolean() sure!: boolean;
  /** The effect of accepting it. */
  @ValidateNested() @Type(() => MappingPreviewView) effect!: MappingPreviewView;
}

/** The best first; reading them maps nothing. */
export class Suggestions {
  @IsArray() @ValidateNested({ each: true }) @Type(() => SuggestionView) data!: SuggestionView[];
}

export const toSuggestion = (
  { product, ...suggestion }: Suggestion<CatalogProduct>,
  effect: MappingPreview,
): SuggestionView => ({ product: toResolvedProduct(product), ...suggestion, effect });

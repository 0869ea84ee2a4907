import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import { ServiceRequest, Event } from '../contract.ts';
import { isoPeriod, MoneyV1 } from '../values.ts';

/** A product that CMP adds to an order automatically when it is missing. */
export class NeededProductV1 {
  @IsOptional() @IsString() mpn?: string;
  @IsOptional() @IsString() id?: string;
}

/** A product with what an order line needs. */
export class ResolvedProductV1 {
  /** Our id. */
  @IsUUID() productId!: string;
  /** CMP's id (PRD…); absent where CMP shows none, then vendor, mpn and both periods name it. */
  @IsOptional() @Length(1, 255) cmpProductId?: string;
  @Length(0, 255) vendor!: string;
  @Length(0, 255) mpn!: string;
  @Length(0, 500) name!: string;
  @IsOptional() @Length(0, 255) serviceName?: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  @IsOptional() @IsString() billingModel?: string;
  @IsOptional() @IsNumber() minimum?: number;
  @IsOptional() @IsNumber() maximum?: number;
  /** Recurring, of the first tier. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) unitPrice?: MoneyV1;
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) unitCost?: MoneyV1;
  @IsArray() @ValidateNested({ each: true }) @Type(() => NeededProductV1) dependsOn!: NeededProductV1[];
}

export const resolutionOutcomes = ['resolved', 'ambiguous', 'unknown', 'excluded'] as const;
export type ResolutionOutcome = (typeof resolutionOutcomes)[number];

export const decidingFields = ['billingPeriod', 'term', 'mapping'] as const;
export type DecidingField = (typeof decidingFields)[number];

/** The resolution of one part number. It can be ordered only if it is `resolved`. */
export class PartNumberResolutionV1 {
  /** The part number as in the request. */
  @IsString() partNumber!: string;
  @IsIn(resolutionOutcomes) outcome!: ResolutionOutcome;
  @IsOptional() @ValidateNested() @Type(() => ResolvedProductV1) product?: ResolvedProductV1;
  /** Whether a user's mapping decided, or the rule vendor + mpn. */
  @IsOptional() @IsIn(['mapping', 'rule']) by?: 'mapping' | 'rule';
  /** Candidates if ambiguous, similar products if unknown. At most 8. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => ResolvedProductV1) candidates!: ResolvedProductV1[];
  @IsInt() candidateCount!: number;
  /** Fields that would decide, or that rule out every candidate. */
  @IsArray() @IsIn(decidingFields, { each: true }) deciding!: DecidingField[];
  /**
   * Fields of the request that differ from the mapped product: the mapping takes precedence, but the caller may want to confirm.
   */
  @IsArray() @IsIn(['billingPeriod', 'term'], { each: true }) differs!: ('billingPeriod' | 'term')[];
  /** The reason why it is not resolved, or the differences from the request, and the next step. */
  @IsOptional() @Length(0, 1000) reason?: string;
}

export class PartNumberQueryV1 {
  /** `INGRAM:vendorID:mpn`; anything else is reported as unknown, with what is wrong with it. */
  @Length(1, 600) partNumber!: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
}

export class ResolvePartNumberResponse {
  /** Same order as the request. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => PartNumberResolutionV1)
  answers!: PartNumberResolutionV1[];
}

@ServiceRequest({
  subject: 'rpc.product-catalog.resolve-part-number',
  service: 'product-catalog',
  summary: 'Resolves up to 200 part numbers in one round trip: the product of each, or why there is none.',
})
export class ResolvePartNumber {
  static readonly response = ResolvePartNumberResponse;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => PartNumberQueryV1)
  questions!: PartNumberQueryV1[];
}

/** A product as a subscription or an invoice line shows it. */
export class ProductReferenceV1 {
  @Length(0, 255) vendor!: string;
  @Length(0, 255) mpn!: string;
  /** CMP's id of it (PRD…), if known. */
  @IsOptional() @Length(0, 255) cmpProductId?: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  /** The part number it was ordered with: shown in exactly this form for as long as it stands for this product. */
  @IsOptional() @Length(1, 600) orderedAs?: string;
}

export const nameSources = ['order', 'alias', 'product'] as const;
export type NameSource = (typeof nameSources)[number];

/** The part number to show for a product. */
export class ProductNameV1 {
  /** Absent if vendor and MPN cannot form a part number. */
  @IsOptional() @Length(1, 600) partNumber?: string;
  /** Whether it is the part number of the order, the product's alias, or vendor and mpn. */
  @IsIn(nameSources) by!: NameSource;
}

export class NameProductsResponse {
  /** Same order as the request. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => ProductNameV1) names!: ProductNameV1[];
}

@ServiceRequest({
  subject: 'rpc.product-catalog.name-products',
  service: 'product-catalog',
  summary: 'Returns the part number to show for each of up to 500 products, in one round trip.',
})
export class NameProducts {
  static readonly response = NameProductsResponse;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @ValidateNested({ each: true })
  @Type(() => ProductReferenceV1)
  products!: ProductReferenceV1[];
}

/** The fields of every event of a mapping: which part number, and for which periods; without a period, for any. */
export class MappedPartNumberV1 {
  @IsUUID() connectorId!: string;
  @IsUUID() mappingId!: string;
  @Length(1, 600) partNumber!: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  /** Who did it. */
  @Length(1, 255) by!: string;
  @Length(0, 500) reason!: string;
}

@Event({
  eventType: 'product-catalog.part-number-mapped.v1',
  producer: 'product-catalog',
  aggregate: 'part-number-mapping',
  summary: 'A part number was mapped to a product, or excluded.',
})
export class PartNumberMappedV1 extends MappedPartNumberV1 {
  @IsBoolean() excluded!: boolean;
  /** Our id; absent when excluded. */
  @IsOptional() @IsUUID() productId?: string;
  @IsOptional() @Length(1, 600) cmpProductId?: string;
  /** Reads show the product by this part number. */
  @IsOptional() @IsBoolean() alias?: boolean;
}

@Event({
  eventType: 'product-catalog.part-number-unmapped.v1',
  producer: 'product-catalog',
  aggregate: 'part-number-mapping',
  summary: 'A mapping was deactivated; the part number resolves by the rule again, or not at all.',
})
export class PartNumberUnmappedV1 extends MappedPartNumberV1 {}

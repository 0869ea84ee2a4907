import { Type } from 'class-transformer';
import {
  ArrayMinSize,
  IsArray,
  IsIn,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import { ServiceRequest, Event } from '../contract.ts';
import { decimal, isoPeriod } from '../values.ts';
import { ProductFieldsV1 } from './product.ts';

/** One line of a price list: what a unit costs the customer, and what it costs the reseller. */
export class PriceV1 {
  @IsOptional() @Matches(decimal) amount?: string;
  @IsOptional() @Matches(decimal) cost?: string;
}

/** A changed price line; without `from` it is new, without `to` it is no longer offered. */
export class PriceChangeV1 {
  @Matches(/^[A-Z]{3}$/) currency!: string;
  /** `recurring`, `setup` or `overuse`. */
  @Length(0, 64) type!: string;
  /** The quantity from which it applies. */
  @IsNumber() lowerLimit!: number;
  @IsOptional() @ValidateNested() @Type(() => PriceV1) from?: PriceV1;
  @IsOptional() @ValidateNested() @Type(() => PriceV1) to?: PriceV1;
}

@Event({
  eventType: 'product-catalog.price-changed.v1',
  producer: 'product-catalog',
  aggregate: 'price-list',
  summary: 'The price or cost of a product changed at CMP: the old and new value, and since when.',
})
export class PriceChangedV1 extends ProductFieldsV1 {
  @IsArray()
  @ArrayMinSize(1)
  @ValidateNested({ each: true })
  @Type(() => PriceChangeV1)
  changes!: PriceChangeV1[];
  /** When the new price was first read; CMP does not state when it came into effect. */
  @IsISO8601({ strict: true }) since!: string;
}

export const priceListTypes = [
  'legacy',
  'licensebased',
  'software',
  'azure_reservations',
  'marketplace',
] as const;
export type PriceListType = (typeof priceListTypes)[number];

export const priceTimelines = ['current', 'history', 'future'] as const;
export type PriceTimeline = (typeof priceTimelines)[number];

/** One price of a product for a period and from a quantity on. */
export class PriceListItemV1 {
  @Length(1, 64) priceId!: string;
  @IsIn(priceListTypes) type!: PriceListType;
  /** Our id. */
  @IsUUID() productId!: string;
  /** CMP's own id (PRD…). */
  @IsOptional() @Length(1, 255) cmpProductId?: string;
  @Length(0, 255) vendor!: string;
  @Length(0, 255) mpn!: string;
  /** The product's alias, otherwise `INGRAM:vendor:mpn`, which stands for all its terms; absent if the two cannot form one. */
  @IsOptional() @Length(1, 600) partNumber?: string;
  @Length(0, 500) name!: string;
  @IsOptional() @IsString() serviceName?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  /** Commercial, Education, Government or Charity, if the product's name shows it. */
  @IsOptional() @IsString() segment?: string;
  /** ISO 3166 alpha-2. */
  @Matches(/^[A-Z]{2}$/) market!: string;
  @Matches(/^[A-Z]{3}$/) currency!: string;
  /** `recurring`, `setup` or `overuse`. */
  @Length(1, 64) priceType!: string;
  /** The reseller's cost of a unit. */
  @IsOptional() @Matches(decimal) cost?: string;
  /** The customer's price of a unit according to CMP's list. */
  @IsOptional() @Matches(decimal) amount?: string;
  /** The quantities for which it applies; without `tierMax` there is no upper limit. */
  @IsNumber() tierMin!: number;
  @IsOptional() @IsNumber() tierMax?: number;
  /** When it was first read; CMP does not state when a price came into effect. */
  @IsISO8601({ strict: true }) effectiveFrom!: string;
  @IsOptional() @IsISO8601({ strict: true }) effectiveTo?: string;
}

/** The response to ListPrices. */
export class ListPricesResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => PriceListItemV1) prices!: PriceListItemV1[];
  /** Send it back to get the next page; absent on the last one. */
  @IsOptional() @Length(1, 1000) nextCursor?: string;
}

@ServiceRequest({
  subject: 'rpc.product-catalog.list-prices',
  service: 'product-catalog',
  summary:
    "The price list of a connector's market, of one type and timeline, 150 per page; other markets have none.",
})
export class ListPrices {
  static readonly response = ListPricesResponse;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
  /** ISO 3166 alpha-2, in any case. */
  @Matches(/^[A-Za-z]{2}$/) market!: string;
  @IsIn(priceListTypes) type!: PriceListType;
  /** `current`: prices in effect; `history`: earlier prices; `future`: always empty, because CMP shows no prices in advance. */
  @IsIn(priceTimelines) timeline!: PriceTimeline;
  @IsOptional() @Length(1, 1000) cursor?: string;
}

import { IsArray, IsIn, IsISO8601, IsOptional, IsString, IsUUID, Length, Matches } from 'class-validator';
import { Event } from '../contract.ts';
import { isoPeriod } from '../values.ts';

/** The fields of every event of a product. */
export class ProductFieldsV1 {
  @IsUUID() connectorId!: string;
  /** Our id. */
  @IsUUID() productId!: string;
  /** CMP's id (PRD…), or a substitute if CMP shows none. */
  @Length(1, 600) cmpProductId!: string;
  @Length(0, 255) vendor!: string;
  @Length(0, 255) mpn!: string;
  /** `INGRAM:vendor:mpn`; absent if vendor and MPN cannot form one. */
  @IsOptional() @Length(1, 600) partNumber?: string;
  @Length(0, 500) name!: string;
  @IsOptional() @Length(0, 255) serviceName?: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}

@Event({
  eventType: 'product-catalog.product-appeared.v1',
  producer: 'product-catalog',
  aggregate: 'product',
  summary: 'CMP lists a product that it did not list before, or lists it again.',
})
export class ProductAppearedV1 extends ProductFieldsV1 {}

@Event({
  eventType: 'product-catalog.product-changed.v1',
  producer: 'product-catalog',
  aggregate: 'product',
  summary: 'A product changed at CMP; the event has the new values.',
})
export class ProductChangedV1 extends ProductFieldsV1 {
  /** Names of what differs: name, prices, minimum … */
  @IsArray() @IsString({ each: true }) changed!: string[];
}

export const withdrawalReasons = [
  /** A complete listing of CMP no longer has it. */
  'no-longer-listed',
  /** Its connector was removed here. */
  'connector-removed',
] as const;
export type WithdrawalReason = (typeof withdrawalReasons)[number];

@Event({
  eventType: 'product-catalog.product-withdrawn.v1',
  producer: 'product-catalog',
  aggregate: 'product',
  summary:
    'A complete listing no longer contains the product, or its connector was removed: it cannot be ordered. Its subscriptions continue.',
})
export class ProductWithdrawnV1 extends ProductFieldsV1 {
  @IsOptional() @IsIn(withdrawalReasons) reason?: WithdrawalReason;
}

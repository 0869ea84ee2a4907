import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Length, Matches, Min, ValidateNested } from 'class-validator';
import { MoneyV1 } from '../money.ts';
import { isoPeriod } from '../product-catalog/product-facts.ts';

export const orderedKinds = ['create', 'change-quantity', 'cancel', 'renewal-setting'] as const;
export type OrderedKind = (typeof orderedKinds)[number];

/** What every event of an order says of it. */
export class OrderFactsV1 {
  @IsUUID() connectorId!: string;
  @IsUUID() orderId!: string;
  @IsIn(orderedKinds) kind!: OrderedKind;
  /** CMP's ids. */
  @Length(1, 64) cmpAccountId!: string;
  @IsOptional() @Length(1, 64) cmpSubscriptionId?: string;
  @IsOptional() @Length(1, 64) cmpOrderId?: string;
  @IsOptional() @Length(1, 64) cmpOrderNumber?: string;
  /** Ours; absent while a purchase has not brought one about. */
  @IsOptional() @IsUUID() subscriptionId?: string;
  @IsOptional() @Length(1, 255) mpn?: string;
  /** The total asked for. */
  @IsOptional() @IsInt() @Min(0) seats?: number;
  @IsOptional() @Length(0, 255) vendor?: string;
  @IsOptional() @Length(0, 500) productName?: string;
  /** Of the product bought or the subscription changed. */
  @IsOptional() @Matches(isoPeriod) term?: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  /** Of a seat and a billing period. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) unitPrice?: MoneyV1;
  /** What the whole order is expected to cost; negative: given back. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) total?: MoneyV1;
  /** What it costs by CMP's order. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) chargedTotal?: MoneyV1;
  /** The subject of whoever asked, or the service's name. */
  @Length(1, 200) askedBy!: string;
}

import { IsISO8601, IsNumber, IsOptional, IsString } from 'class-validator';
import { Model } from './model.dto.ts';

export class PriceListItem extends Model {
  @IsOptional() @IsString() type!: string | null;
  @IsOptional() @IsString() productTitle!: string | null;
  @IsOptional() @IsString() productId!: string | null;
  @IsOptional() @IsString() skuId!: string | null;
  @IsOptional() @IsString() skuTitle!: string | null;
  @IsOptional() @IsString() publisher!: string | null;
  @IsOptional() @IsString() skuDescription!: string | null;
  @IsOptional() @IsString() unitOfMeasure!: string | null;
  @IsOptional() @IsString() termDuration!: string | null;
  @IsOptional() @IsString() market!: string | null;
  @IsOptional() @IsString() currency!: string | null;
  /** What a unit costs the reseller. */
  @IsNumber() unitPrice!: number;
  @IsOptional() @IsString() pricingTierRangeMin!: string | null;
  @IsOptional() @IsString() pricingTierRangeMax!: string | null;
  @IsOptional() @IsISO8601() effectiveStartDate!: string | null;
  @IsOptional() @IsISO8601() effectiveEndDate!: string | null;
  @IsOptional() @IsString() tags!: string | null;
  @IsOptional() @IsString() meterIds!: string | null;
  @IsOptional() @IsString() meterType!: string | null;
  @IsOptional() @IsString() billingPlan!: string | null;
  /** What CMP's list asks of the customer; absent when it is not known. */
  @IsOptional() @IsNumber() erpPrice?: number;
  @IsOptional() @IsString() segment!: string | null;
}

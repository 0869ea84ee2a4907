import { Type } from 'class-transformer';
import { IsIn, IsISO8601, IsNumber, IsOptional, IsString, ValidateNested } from 'class-validator';
import { BillingCycleType } from '../domain/wire-enums.ts';
import { Model, ModelRef } from './model.dto.ts';

export class Invoice extends Model {
  @IsOptional() @IsISO8601() invoiceDate!: string | null;
  /** 0: CMP does not tell what was paid. */
  @IsNumber() paidAmount!: number;
  @IsNumber() totalCharges!: number;
  @IsOptional() @IsString() currency!: string | null;
}

export class LicenseSummary extends Model {
  @IsOptional() @IsString() partNumber!: string | null;
  @IsOptional() @ValidateNested() @Type(() => ModelRef) customer!: ModelRef | null;
  @IsOptional() @ValidateNested() @Type(() => ModelRef) subscription!: ModelRef | null;
  @IsOptional() @ValidateNested() @Type(() => ModelRef) invoice!: ModelRef | null;
  @IsIn(Object.values(BillingCycleType)) billingCycleType!: number;
  @IsOptional() @IsString() orderId!: string | null;
  @IsOptional() @IsISO8601() chargeStartDate!: string | null;
  @IsOptional() @IsISO8601() chargeEndDate!: string | null;
  @IsOptional() @IsString() chargeDescription!: string | null;
  @IsNumber() unitPrice!: number;
  @IsNumber() quantity!: number;
  @IsNumber() tax!: number;
  @IsNumber() discount!: number;
  @IsNumber() total!: number;
  @IsOptional() @IsString() currency!: string | null;
  @IsOptional() @IsString() manufacturer!: string | null;
}

export class NonRecurringItemSummary extends LicenseSummary {
  @IsOptional() @ValidateNested() @Type(() => ModelRef) nonRecurringItem!: ModelRef | null;
}

export class ConsumptionLine extends Model {
  @IsOptional() @IsISO8601() cycleStartDate!: string | null;
  @IsOptional() @IsISO8601() cycleEndDate!: string | null;
  @IsOptional() @ValidateNested() @Type(() => ModelRef) subscription!: ModelRef | null;
  @IsOptional() @ValidateNested() @Type(() => ModelRef) invoice!: ModelRef | null;
  @IsOptional() @ValidateNested() @Type(() => ModelRef) customer!: ModelRef | null;
  @IsOptional() @IsString() currency!: string | null;
  @IsOptional() @IsString() service!: string | null;
  @IsOptional() @IsString() resource!: string | null;
  @IsOptional() @IsString() chargeType!: string | null;
  @IsOptional() @IsString() unit!: string | null;
  @IsOptional() @IsString() region!: string | null;
  @IsNumber() tax!: number;
  @IsNumber() total!: number;
  @IsNumber() unitPrice!: number;
  @IsNumber() quantity!: number;
}

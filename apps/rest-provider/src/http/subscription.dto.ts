import { Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNotEmpty,
  IsNumber,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { BillingCycleType, BillingType, SubscriptionStatus } from '../domain/wire-enums.ts';
import { Model, ModelRef, SentWithoutId } from './model.dto.ts';
import { WireDate, WireEnumMember, WireText } from './wire-types.ts';

export class Pricing {
  @IsString() currency!: string;
  /** What a unit costs the reseller. */
  @IsNumber() price!: number;
  /** What CMP's list asks of the customer; absent when it is not known. */
  @IsOptional() @IsNumber() retailPrice?: number;
}

export class Subscription extends Model {
  /** `INGRAM:vendorID:mpn`. */
  @IsOptional() @IsString() partNumber!: string | null;
  @IsBoolean() autoRenew!: boolean;
  @IsIn(Object.values(BillingCycleType)) provisioningFrequency!: number;
  @IsIn(Object.values(BillingType)) billingType!: number;
  @IsOptional() @ValidateNested() @Type(() => ModelRef) customer!: ModelRef | null;
  @IsOptional() @IsString() friendlyName!: string | null;
  @IsOptional() @IsISO8601() startDate!: string | null;
  /** Suspended also stands for what is ordered and not at CMP yet. */
  @IsIn(Object.values(SubscriptionStatus)) status!: number;
  /** 0 of one that has ended without its seats having been read. */
  @IsNumber() quantity!: number;
  /** Null when the price is not known. */
  @IsOptional() @ValidateNested() @Type(() => Pricing) pricing!: Pricing | null;
}

const wholeNumber = { message: '$property must be a whole number of seats: CMP sells no fractions' };
const fromText = ({ value }: { value: unknown }) =>
  typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;

/** The fields of a subscription that a client sends in any case. */
class SentSubscription extends SentWithoutId {
  @IsOptional() @IsBoolean() autoRenew?: boolean | null;
  @WireText(200) friendlyName?: string | null;
  @WireEnumMember(BillingCycleType) provisioningFrequency?: number | null;
  @WireEnumMember(BillingType) billingType?: number | null;
  @WireEnumMember(SubscriptionStatus) status?: number | null;
  @WireDate() @IsOptional() @IsISO8601() startDate?: string | null;
}

/** The customer of a purchase. */
export class SentCustomerRef {
  @IsString() @Length(1, 50) id!: string;
  @WireText(500) name?: string | null;
}

/** The body of a purchase. A given `id` is the client's own name for it. */
export class PostSubscription extends SentSubscription {
  @WireText(50) id?: string | null;
  @IsNotEmpty() @IsString() @Length(1, 600) partNumber!: string;
  @IsNotEmpty({ message: 'customer must be given' })
  @ValidateNested()
  @Type(() => SentCustomerRef)
  customer!: SentCustomerRef;
  @Transform(fromText) @IsInt(wholeNumber) @Min(1) @Max(1_000_000) quantity!: number;
}

/** The body of a change: what is given and differs is changed. */
export class PatchSubscription extends SentSubscription {
  @IsString() @Length(1, 50) id!: string;
  @IsOptional() @Transform(fromText) @IsInt(wholeNumber) @Min(1) @Max(1_000_000) quantity?: number | null;
}

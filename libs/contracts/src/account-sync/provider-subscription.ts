import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Min,
  ValidateNested,
} from 'class-validator';
import { Event } from '../contract.ts';
import { FieldChangeV1, MoneyV1 } from '../values.ts';

/** One product within a provider subscription. */
export class SubscriptionLineV1 {
  @Length(0, 255) mpn!: string;
  @Length(0, 255) vendor!: string;
  @Length(0, 255) productId!: string;
  @Length(0, 500) name!: string;
  @IsNumber() quantity!: number;
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) unitPrice?: MoneyV1;
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) unitCost?: MoneyV1;
  @IsOptional() @Length(1, 255) vendorSubscriptionId?: string;
}

/** The commitment of a subscription, in CMP's terms: `{ type: 'year', duration: 1 }`. */
export class SubscriptionTermV1 {
  @Length(1, 32) type!: string;
  @IsInt() @Min(0) duration!: number;
}

/** The fields of every event about a subscription at CMP. */
abstract class SubscriptionEventV1 {
  @IsUUID() connectorId!: string;
  /** Our id. */
  @IsUUID() providerSubscriptionId!: string;
  @Length(1, 64) cmpSubscriptionId!: string;
  @Length(1, 64) cmpAccountId!: string;
  /** Our id of the account; absent while CMP has not listed it. */
  @IsOptional() @IsUUID() providerAccountId?: string;
  /** CMP's value. */
  @Length(1, 64) status!: string;
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}

/** A subscription with all data from CMP. */
abstract class SubscriptionAtCmpV1 extends SubscriptionEventV1 {
  @Length(0, 500) name!: string;
  @IsBoolean() autoRenew!: boolean;
  @IsOptional() @IsISO8601() creationDate?: string;
  @IsOptional() @IsISO8601() renewalDate?: string;
  @IsOptional() @IsISO8601() expirationDate?: string;
  @IsOptional() @ValidateNested() @Type(() => SubscriptionTermV1) billingPeriod?: SubscriptionTermV1;
  @IsOptional() @ValidateNested() @Type(() => SubscriptionTermV1) term?: SubscriptionTermV1;
  /** False while only the list was read: CMP's lists carry no quantities and no lines. */
  @IsBoolean() quantityKnown!: boolean;
  @IsArray() @ValidateNested({ each: true }) @Type(() => SubscriptionLineV1) lines!: SubscriptionLineV1[];
}

@Event({
  eventType: 'account-sync.provider-subscription-appeared.v1',
  producer: 'account-sync',
  aggregate: 'provider-subscription',
  summary: 'CMP lists a subscription that it did not list before.',
})
export class ProviderSubscriptionAppearedV1 extends SubscriptionAtCmpV1 {}

@Event({
  eventType: 'account-sync.provider-subscription-changed.v1',
  producer: 'account-sync',
  aggregate: 'provider-subscription',
  summary: 'A subscription changed at CMP; the event has the new values.',
})
export class ProviderSubscriptionChangedV1 extends SubscriptionAtCmpV1 {
  /** The changed fields, with the values before and after. */
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FieldChangeV1)
  changes?: FieldChangeV1[];
  /** The names of the fields that differ. */
  @IsOptional() @IsArray() @IsString({ each: true }) changed?: string[];
}

export const subscriptionEndReasons = [
  'terminated',
  'removed',
  /** A complete listing of CMP no longer has it. */
  'no-longer-listed',
  /** Its connector was removed here; nothing was sent to CMP or cancelled there. */
  'connector-removed',
] as const;
export type SubscriptionEndReason = (typeof subscriptionEndReasons)[number];

/** Its `status` is the last one read at CMP, or `no-longer-listed` or `connector-removed` if it was not terminated by CMP. */
@Event({
  eventType: 'account-sync.provider-subscription-ended.v1',
  producer: 'account-sync',
  aggregate: 'provider-subscription',
  summary: 'A subscription ended at CMP, or a complete listing no longer contains it.',
})
export class ProviderSubscriptionEndedV1 extends SubscriptionEventV1 {
  @IsIn(subscriptionEndReasons) reason!: SubscriptionEndReason;
}

import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsISO8601,
  IsOptional,
  IsUUID,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import { SubscriptionLineV1 } from '../account-sync/subscription-line.ts';

const day = /^\d{4}-\d{2}-\d{2}/;

/** A subscription as agreed: what CMP showed when it was last read, with the orders that have been settled since. */
export class AgreedSubscriptionV1 {
  @IsUUID() subscriptionId!: string;
  @IsUUID() connectorId!: string;
  @IsOptional() @IsUUID() providerAccountId?: string;
  @Length(1, 64) cmpSubscriptionId!: string;
  @Length(1, 64) cmpAccountId!: string;
  @Length(0, 500) name!: string;
  @IsOptional() @Length(1, 200) friendlyName?: string;
  /** CMP's word: pending, active, hold, terminated, removed, unknown. */
  @Length(1, 64) status!: string;
  @IsBoolean() autoRenew!: boolean;
  /** Days. */
  @IsOptional() @Matches(day) creationDate?: string;
  @IsOptional() @Matches(day) renewalDate?: string;
  @IsOptional() @Matches(day) expirationDate?: string;
  /** ISO 8601 durations. */
  @IsOptional() @Length(2, 10) billingPeriod?: string;
  @IsOptional() @Length(2, 10) term?: string;
  /** Empty while CMP's detail was not read. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => SubscriptionLineV1) lines!: SubscriptionLineV1[];
  @IsOptional() @IsISO8601() endedAt?: string;
  /** When CMP was read, or when the latest order was proved since. */
  @IsISO8601() asOf!: string;
}

/** What every question about subscriptions and orders names: one connector's, never another's. */
export class SubscriptionQuestion {
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
}

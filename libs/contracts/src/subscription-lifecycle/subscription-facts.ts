import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsISO8601, IsOptional, IsUUID, Length, ValidateNested } from 'class-validator';
import { SubscriptionLineV1 } from '../account-sync/subscription-line.ts';
import { MoneyV1 } from '../money.ts';

/** A subscription as agreed, as far as every event of it says. */
export class SubscriptionFactsV1 {
  @IsUUID() connectorId!: string;
  @IsUUID() subscriptionId!: string;
  @Length(1, 64) cmpSubscriptionId!: string;
  @Length(1, 64) cmpAccountId!: string;
  /** The customer's name at CMP; absent while CMP has not listed the account. */
  @IsOptional() @Length(0, 500) accountName?: string;
  @Length(0, 500) name!: string;
  /** Given by people here; CMP does not know it. */
  @IsOptional() @Length(1, 200) friendlyName?: string;
  /** CMP's word. */
  @Length(1, 64) status!: string;
  @IsBoolean() autoRenew!: boolean;
  @IsOptional() @IsISO8601() renewalDate?: string;
  /** Absent while unassigned. */
  @IsOptional() @IsUUID() billingContractId?: string;
  /** Empty while CMP's detail was not read. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => SubscriptionLineV1) lines!: SubscriptionLineV1[];
  /** What all lines cost per billing period; absent while a price is not known, or where there are several currencies. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) total?: MoneyV1;
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}

import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  ValidateNested,
} from 'class-validator';
import { Event } from '../event-contract.ts';
import { FieldChangeV1 } from '../field-change.ts';
import { SubscriptionLineV1 } from './subscription-line.ts';
import { SubscriptionTermV1 } from './subscription-term.ts';

@Event({
  subject: 'account-sync.provider-subscription-changed.v1',
  producer: 'account-sync',
  aggregate: 'provider-subscription',
  summary: 'CMP tells something new about a subscription; the values are the new ones.',
})
export class ProviderSubscriptionChangedV1 {
  @IsUUID() connectorId!: string;
  /** Our id. */
  @IsUUID() providerSubscriptionId!: string;
  @Length(1, 64) cmpSubscriptionId!: string;
  @Length(1, 64) cmpAccountId!: string;
  /** Our id of the account; absent while CMP has not listed it. */
  @IsOptional() @IsUUID() providerAccountId?: string;
  @Length(0, 500) name!: string;
  /** CMP's word. */
  @Length(1, 64) status!: string;
  @IsBoolean() autoRenew!: boolean;
  @IsOptional() @IsISO8601() creationDate?: string;
  @IsOptional() @IsISO8601() renewalDate?: string;
  @IsOptional() @IsISO8601() expirationDate?: string;
  @IsOptional() @ValidateNested() @Type(() => SubscriptionTermV1) billingPeriod?: SubscriptionTermV1;
  @IsOptional() @ValidateNested() @Type(() => SubscriptionTermV1) term?: SubscriptionTermV1;
  /** False while only the list was read: CMP's lists carry no quantities and no lines. */
  @IsBoolean() quantityKnown!: boolean;
  @IsArray() @ValidateNested({ each: true }) @Type(() => SubscriptionLineV1) lines!: SubscriptionLineV1[];
  /** What differs, with the values before and after. */
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FieldChangeV1)
  changes?: FieldChangeV1[];
  /** The names of the fields that differ. */
  @IsOptional() @IsArray() @IsString({ each: true }) changed?: string[];
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}

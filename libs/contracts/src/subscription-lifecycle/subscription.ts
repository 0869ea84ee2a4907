import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import {
  type SubscriptionEndReason,
  subscriptionEndReasons,
  SubscriptionLineV1,
} from '../account-sync/provider-subscription.ts';
import { ServiceRequest, Event } from '../contract.ts';
import { FieldChangeV1, MoneyV1 } from '../values.ts';

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
  /** CMP's value: pending, active, hold, terminated, removed, unknown. */
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
  /** Time of the data: when CMP was read, or when a later order was confirmed. */
  @IsISO8601() asOf!: string;
}

/** The fields of every request about subscriptions and orders; each request concerns exactly one connector. */
export class SubscriptionRequest {
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
}

/** The fields of every event of a subscription as agreed. */
export class SubscriptionFieldsV1 {
  @IsUUID() connectorId!: string;
  @IsUUID() subscriptionId!: string;
  @Length(1, 64) cmpSubscriptionId!: string;
  @Length(1, 64) cmpAccountId!: string;
  /** The customer's name at CMP; absent while CMP has not listed the account. */
  @IsOptional() @Length(0, 500) accountName?: string;
  @Length(0, 500) name!: string;
  /** Assigned by users here; unknown to CMP. */
  @IsOptional() @Length(1, 200) friendlyName?: string;
  /** CMP's value. */
  @Length(1, 64) status!: string;
  @IsBoolean() autoRenew!: boolean;
  @IsOptional() @IsISO8601() renewalDate?: string;
  /** Absent while unassigned. */
  @IsOptional() @IsUUID() billingContractId?: string;
  /** Empty while CMP's detail was not read. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => SubscriptionLineV1) lines!: SubscriptionLineV1[];
  /** The cost of all lines per billing period; absent if a price is unknown or the currencies differ. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) total?: MoneyV1;
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}

@Event({
  eventType: 'subscription-lifecycle.subscription-created.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'subscription',
  summary: 'A subscription became known.',
})
export class SubscriptionCreatedV1 extends SubscriptionFieldsV1 {}

export const subscriptionChangeSources = [
  'cmp',
  'order',
  'person',
  'default-contract',
  'account-link',
] as const;
export type SubscriptionChangeSource = (typeof subscriptionChangeSources)[number];

@Event({
  eventType: 'subscription-lifecycle.subscription-changed.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'subscription',
  summary: 'A subscription changed; the event has the new values.',
})
export class SubscriptionChangedV1 extends SubscriptionFieldsV1 {
  /** The changed fields, with the values before and after. */
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FieldChangeV1)
  changes?: FieldChangeV1[];
  /** The names of the fields that differ. */
  @IsArray() @IsString({ each: true }) changed!: string[];
  /** `default-contract`: it joined the default contract of its account; `account-link`: its account is another tenant account's now. */
  @IsIn(subscriptionChangeSources) source!: SubscriptionChangeSource;
  @IsOptional() @IsUUID() orderId?: string;
}

@Event({
  eventType: 'subscription-lifecycle.subscription-transferred.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'subscription',
  summary:
    'CMP lists a subscription under another customer. It remains unassigned until a user assigns it to a billing contract.',
})
export class SubscriptionTransferredV1 extends SubscriptionFieldsV1 {
  /** The customer it belonged to, at CMP and here. */
  @Length(1, 64) fromCmpAccountId!: string;
  @IsOptional() @IsUUID() fromProviderAccountId?: string;
  /** The customer it belongs to now; absent while CMP has not listed that account. */
  @IsOptional() @IsUUID() providerAccountId?: string;
  /** The contract it was billed under. */
  @IsOptional() @IsUUID() fromBillingContractId?: string;
}

@Event({
  eventType: 'subscription-lifecycle.subscription-ended.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'subscription',
  summary: 'A subscription ended.',
})
export class SubscriptionEndedV1 {
  @IsUUID() connectorId!: string;
  @IsUUID() subscriptionId!: string;
  @Length(1, 64) cmpSubscriptionId!: string;
  /** CMP's value, or ours where CMP did not end it: `no-longer-listed`, `connector-removed`. */
  @Length(1, 64) status!: string;
  @IsOptional() @IsIn(subscriptionEndReasons) reason?: SubscriptionEndReason;
  @IsISO8601({ strict: true }) asOf!: string;
}

/** The response to ReadSubscription; without `subscription` the connector has none of this id. */
export class ReadSubscriptionResponse {
  @IsOptional() @ValidateNested() @Type(() => AgreedSubscriptionV1) subscription?: AgreedSubscriptionV1;
}

@ServiceRequest({
  subject: 'rpc.subscription-lifecycle.read-subscription',
  service: 'subscription-lifecycle',
  summary: 'One subscription of a connector, by our id.',
})
export class ReadSubscription extends SubscriptionRequest {
  static readonly response = ReadSubscriptionResponse;
  @IsUUID() subscriptionId!: string;
}

/** The response to ListSubscriptions. */
export class ListSubscriptionsResponse {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AgreedSubscriptionV1)
  subscriptions!: AgreedSubscriptionV1[];
  /** Send it back to get the next page; absent on the last one. */
  @IsOptional() @Length(1, 1000) nextCursor?: string;
}

@ServiceRequest({
  subject: 'rpc.subscription-lifecycle.list-subscriptions',
  service: 'subscription-lifecycle',
  summary: 'The subscriptions of a provider account, including ended ones, by id, up to 500 per page.',
})
export class ListSubscriptions extends SubscriptionRequest {
  static readonly response = ListSubscriptionsResponse;
  @IsUUID() providerAccountId!: string;
  @IsOptional() @Length(1, 1000) cursor?: string;
}

@ServiceRequest({
  subject: 'rpc.subscription-lifecycle.change-subscription',
  service: 'subscription-lifecycle',
  summary:
    'Changes the friendly name of a subscription, without a call to CMP. Fails with subscription.not-found.',
})
export class ChangeSubscription extends SubscriptionRequest {
  static readonly response = ReadSubscriptionResponse;
  @IsUUID() subscriptionId!: string;
  /** null clears it. */
  @ValidateIf(({ friendlyName }: ChangeSubscription) => friendlyName !== null)
  @Length(1, 200)
  friendlyName!: string | null;
  /** On whose behalf, for the history. */
  @Length(1, 200) requestedBy!: string;
}

import { IsIn, IsISO8601, IsOptional, IsUUID, Length } from 'class-validator';
import {
  subscriptionEndReasons,
  type SubscriptionEndReason,
} from '../account-sync/provider-subscription-ended.v1.ts';
import { Event } from '../event-contract.ts';

@Event({
  subject: 'subscription-lifecycle.subscription-ended.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'subscription',
  summary: 'A subscription is over.',
})
export class SubscriptionEndedV1 {
  @IsUUID() connectorId!: string;
  @IsUUID() subscriptionId!: string;
  @Length(1, 64) cmpSubscriptionId!: string;
  /** CMP's word, or ours where CMP did not end it: `no-longer-listed`, `connector-removed`. */
  @Length(1, 64) status!: string;
  @IsOptional() @IsIn(subscriptionEndReasons) reason?: SubscriptionEndReason;
  @IsISO8601({ strict: true }) asOf!: string;
}

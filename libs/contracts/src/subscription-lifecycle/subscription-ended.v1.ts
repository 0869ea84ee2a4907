import { IsISO8601, IsUUID, Length } from 'class-validator';
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
  /** CMP's word, the last one read. */
  @Length(1, 64) status!: string;
  @IsISO8601({ strict: true }) asOf!: string;
}

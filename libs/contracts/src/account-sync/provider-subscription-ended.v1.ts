import { IsIn, IsISO8601, IsOptional, IsUUID, Length } from 'class-validator';
import { Event } from '../event-contract.ts';

export const subscriptionEndReasons = [
  'terminated',
  'removed',
  /** A complete listing of CMP no longer has it. */
  'no-longer-listed',
  /** Its connector was removed here; CMP was not asked and nothing was cancelled. */
  'connector-removed',
] as const;
export type SubscriptionEndReason = (typeof subscriptionEndReasons)[number];

@Event({
  subject: 'account-sync.provider-subscription-ended.v1',
  producer: 'account-sync',
  aggregate: 'provider-subscription',
  summary: 'A subscription is over at CMP, or a complete listing no longer has it.',
})
export class ProviderSubscriptionEndedV1 {
  @IsUUID() connectorId!: string;
  @IsUUID() providerSubscriptionId!: string;
  @Length(1, 64) cmpSubscriptionId!: string;
  @Length(1, 64) cmpAccountId!: string;
  @IsOptional() @IsUUID() providerAccountId?: string;
  /** CMP's word, the last one read; `no-longer-listed` or `connector-removed` when CMP did not say that it has ended. */
  @Length(1, 64) status!: string;
  @IsIn(subscriptionEndReasons) reason!: SubscriptionEndReason;
  @IsISO8601({ strict: true }) asOf!: string;
}

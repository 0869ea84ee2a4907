import { IsOptional, IsUUID, Length } from 'class-validator';
import { Event } from '../event-contract.ts';
import { SubscriptionFactsV1 } from './subscription-facts.ts';

@Event({
  subject: 'subscription-lifecycle.subscription-transferred.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'subscription',
  summary:
    'CMP lists a subscription under another customer. It stays unassigned until a person assigns it to a billing contract.',
})
export class SubscriptionTransferredV1 extends SubscriptionFactsV1 {
  /** The customer it belonged to, at CMP and here. */
  @Length(1, 64) fromCmpAccountId!: string;
  @IsOptional() @IsUUID() fromProviderAccountId?: string;
  /** The customer it belongs to now; absent while CMP has not listed that account. */
  @IsOptional() @IsUUID() providerAccountId?: string;
  /** The contract it was billed under. */
  @IsOptional() @IsUUID() fromBillingContractId?: string;
}

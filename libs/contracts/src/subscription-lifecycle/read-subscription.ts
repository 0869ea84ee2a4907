import { Type } from 'class-transformer';
import { IsOptional, IsUUID, ValidateNested } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { AgreedSubscriptionV1, SubscriptionQuestion } from './agreed-subscription.ts';

/** The answer to ReadSubscription; without `subscription` the connector has none of this id. */
export class ReadSubscriptionAnswer {
  @IsOptional() @ValidateNested() @Type(() => AgreedSubscriptionV1) subscription?: AgreedSubscriptionV1;
}

@Ask({
  subject: 'ask.subscription-lifecycle.read-subscription',
  service: 'subscription-lifecycle',
  summary: 'One subscription of a connector, by our id.',
})
export class ReadSubscription extends SubscriptionQuestion {
  static readonly answer = ReadSubscriptionAnswer;
  @IsUUID() subscriptionId!: string;
}

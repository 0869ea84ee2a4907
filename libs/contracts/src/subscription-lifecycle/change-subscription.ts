import { IsUUID, Length, ValidateIf } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { SubscriptionQuestion } from './agreed-subscription.ts';
import { ReadSubscriptionAnswer } from './read-subscription.ts';

@Ask({
  subject: 'ask.subscription-lifecycle.change-subscription',
  service: 'subscription-lifecycle',
  summary:
    'Gives a subscription another friendly name; CMP is not asked. Refused with subscription.not-found.',
})
export class ChangeSubscription extends SubscriptionQuestion {
  static readonly answer = ReadSubscriptionAnswer;
  @IsUUID() subscriptionId!: string;
  /** null takes it away. */
  @ValidateIf(({ friendlyName }: ChangeSubscription) => friendlyName !== null)
  @Length(1, 200)
  friendlyName!: string | null;
  /** Who wants it, for the history. */
  @Length(1, 200) askedBy!: string;
}

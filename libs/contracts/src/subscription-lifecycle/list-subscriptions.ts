import { Type } from 'class-transformer';
import { IsArray, IsOptional, IsUUID, Length, ValidateNested } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { AgreedSubscriptionV1, SubscriptionQuestion } from './agreed-subscription.ts';

/** The answer to ListSubscriptions. */
export class ListedSubscriptions {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AgreedSubscriptionV1)
  subscriptions!: AgreedSubscriptionV1[];
  /** To be given back for what follows; absent on the last page. */
  @IsOptional() @Length(1, 1000) nextCursor?: string;
}

@Ask({
  subject: 'ask.subscription-lifecycle.list-subscriptions',
  service: 'subscription-lifecycle',
  summary: 'The subscriptions of a provider account, ended ones too, by id, up to 500 at a time.',
})
export class ListSubscriptions extends SubscriptionQuestion {
  static readonly answer = ListedSubscriptions;
  @IsUUID() providerAccountId!: string;
  @IsOptional() @Length(1, 1000) cursor?: string;
}

import {
  ProviderSubscriptionAppearedV1,
  ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
} from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { Controller } from '@nestjs/common';
import { deleteUses, recordUses } from './subscription-uses.store.ts';

/** Which part numbers live provider subscriptions use, as account-sync publishes it. */
@Controller()
export class ProjectSubscriptionUses {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionAppearedV1)
  appeared(subscription: ProviderSubscriptionAppearedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => recordUses(em, subscription, message));
  }

  @On(ProviderSubscriptionChangedV1)
  changed(subscription: ProviderSubscriptionChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => recordUses(em, subscription, message));
  }

  @On(ProviderSubscriptionEndedV1)
  ended({ providerSubscriptionId }: ProviderSubscriptionEndedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => deleteUses(em, providerSubscriptionId, message));
  }
}

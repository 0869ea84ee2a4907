import { Controller } from '@nestjs/common';
import { ProviderSubscriptionChangedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { keepSubscription } from '../persistence/keep-subscription.ts';

@Controller()
export class KeepSubscriptionOnProviderSubscriptionChanged {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionChangedV1)
  handle(news: ProviderSubscriptionChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepSubscription(clientOf(em), news, message));
  }
}

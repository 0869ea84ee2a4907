import { Controller } from '@nestjs/common';
import { ProviderSubscriptionAppearedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { keepSubscription } from '../persistence/keep-subscription.ts';

@Controller()
export class KeepSubscriptionOnProviderSubscriptionAppeared {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionAppearedV1)
  handle(news: ProviderSubscriptionAppearedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepSubscription(clientOf(em), news, message));
  }
}

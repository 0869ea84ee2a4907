import { Controller } from '@nestjs/common';
import { ProviderSubscriptionEndedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { endSubscription } from '../persistence/keep-subscription.ts';

@Controller()
export class EndSubscriptionOnProviderSubscriptionEnded {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionEndedV1)
  handle(news: ProviderSubscriptionEndedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => endSubscription(clientOf(em), news, message));
  }
}

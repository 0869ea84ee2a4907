import { Controller } from '@nestjs/common';
import { ProviderSubscriptionEndedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { forgetUses } from '../persistence/forget-uses.ts';

@Controller()
export class ForgetUsesOnProviderSubscriptionEnded {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionEndedV1)
  handle({ providerSubscriptionId }: ProviderSubscriptionEndedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => forgetUses(em, providerSubscriptionId, message));
  }
}

import {
  ProviderSubscriptionAppearedV1,
  ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
} from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { Controller } from '@nestjs/common';
import { forgetUses, noteUses } from './subscription-uses.store.ts';

@Controller()
export class NoteUsesOnProviderSubscriptionAppeared {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionAppearedV1)
  handle(appeared: ProviderSubscriptionAppearedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => noteUses(em, appeared, message));
  }
}

@Controller()
export class NoteUsesOnProviderSubscriptionChanged {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionChangedV1)
  handle(changed: ProviderSubscriptionChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => noteUses(em, changed, message));
  }
}

@Controller()
export class ForgetUsesOnProviderSubscriptionEnded {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionEndedV1)
  handle({ providerSubscriptionId }: ProviderSubscriptionEndedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => forgetUses(em, providerSubscriptionId, message));
  }
}

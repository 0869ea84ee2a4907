import { Controller } from '@nestjs/common';
import { ProviderSubscriptionAppearedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { noteUses } from '../persistence/note-uses.ts';

@Controller()
export class NoteUsesOnProviderSubscriptionAppeared {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionAppearedV1)
  handle(appeared: ProviderSubscriptionAppearedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => noteUses(em, appeared, message));
  }
}

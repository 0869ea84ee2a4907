import { Controller } from '@nestjs/common';
import { ProviderSubscriptionChangedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { noteUses } from '../persistence/note-uses.ts';

@Controller()
export class NoteUsesOnProviderSubscriptionChanged {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionChangedV1)
  handle(changed: ProviderSubscriptionChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => noteUses(em, changed, message));
  }
}

import { Controller } from '@nestjs/common';
import { ProviderAccountChangedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { keepAccount } from '../persistence/keep-account.ts';

@Controller()
export class KeepAccountOnProviderAccountChanged {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderAccountChangedV1)
  handle(news: ProviderAccountChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepAccount(clientOf(em), news, message));
  }
}

import { Controller } from '@nestjs/common';
import { ProviderAccountAppearedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { keepAccount } from '../persistence/keep-account.ts';

@Controller()
export class KeepAccountOnProviderAccountAppeared {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderAccountAppearedV1)
  handle(news: ProviderAccountAppearedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepAccount(clientOf(em), news, message));
  }
}

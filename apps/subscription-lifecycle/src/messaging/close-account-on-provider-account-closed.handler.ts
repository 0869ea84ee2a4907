import { Controller } from '@nestjs/common';
import { ProviderAccountClosedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { keepAccount } from '../persistence/keep-account.ts';

@Controller()
export class CloseAccountOnProviderAccountClosed {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderAccountClosedV1)
  handle(news: ProviderAccountClosedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) =>
      keepAccount(clientOf(em), { ...news, status: 'closed' }, message),
    );
  }
}

import { Controller } from '@nestjs/common';
import { ProviderAccountUnlinkedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { keepLink } from '../persistence/keep-account.ts';

@Controller()
export class DropLinkOnProviderAccountUnlinked {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderAccountUnlinkedV1)
  handle(news: ProviderAccountUnlinkedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) =>
      keepLink(clientOf(em), news.providerAccountId, null, news.by, message),
    );
  }
}

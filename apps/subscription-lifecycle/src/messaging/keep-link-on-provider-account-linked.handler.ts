import { Controller } from '@nestjs/common';
import { ProviderAccountLinkedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { keepLink } from '../persistence/keep-account.ts';

@Controller()
export class KeepLinkOnProviderAccountLinked {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderAccountLinkedV1)
  handle(news: ProviderAccountLinkedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) =>
      keepLink(clientOf(em), news.providerAccountId, news.tenantAccountId, news.by, message),
    );
  }
}

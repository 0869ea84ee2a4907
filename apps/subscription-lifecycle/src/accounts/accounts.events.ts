import {
  BillingContractChangedV1,
  BillingContractCreatedV1,
  ProviderAccountAppearedV1,
  ProviderAccountChangedV1,
  ProviderAccountClosedV1,
  ProviderAccountLinkedV1,
  ProviderAccountUnlinkedV1,
} from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { Controller } from '@nestjs/common';
import { upsertAccount, upsertContract, upsertLink } from './account.store.ts';

/** Keeps provider accounts, their links and billing contracts as account-sync has them. */
@Controller()
export class AccountEvents {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderAccountAppearedV1)
  accountAppeared(news: ProviderAccountAppearedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => upsertAccount(em, news, message));
  }

  @On(ProviderAccountChangedV1)
  accountChanged(news: ProviderAccountChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => upsertAccount(em, news, message));
  }

  @On(ProviderAccountClosedV1)
  accountClosed(news: ProviderAccountClosedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => upsertAccount(em, { ...news, status: 'closed' }, message));
  }

  @On(ProviderAccountLinkedV1)
  accountLinked(news: ProviderAccountLinkedV1, message: Message): Promise<void> {
    const { providerAccountId, tenantAccountId, by } = news;
    return this.inbox.once(message, (em) => upsertLink(em, providerAccountId, tenantAccountId, by, message));
  }

  @On(ProviderAccountUnlinkedV1)
  accountUnlinked({ providerAccountId, by }: ProviderAccountUnlinkedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => upsertLink(em, providerAccountId, null, by, message));
  }

  @On(BillingContractCreatedV1)
  contractCreated(news: BillingContractCreatedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => upsertContract(em, news, message));
  }

  @On(BillingContractChangedV1)
  contractChanged(news: BillingContractChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => upsertContract(em, news, message));
  }
}

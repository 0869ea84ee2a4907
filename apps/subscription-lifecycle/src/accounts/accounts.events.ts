import {
  BillingContractChangedV1,
  BillingContractCreatedV1,
  ConnectorCreatedV1,
  ConnectorPausedV1,
  ConnectorRemovedV1,
  ConnectorResumedV1,
  CountLifecycleRecords,
  type LifecycleRecordCounts,
  ProviderAccountAppearedV1,
  ProviderAccountChangedV1,
  ProviderAccountClosedV1,
  ProviderAccountLinkedV1,
  ProviderAccountUnlinkedV1,
} from '@isthmus/contracts';
import { Answers, Inbox, Message, On } from '@isthmus/messaging';
import { clientOf, TenantStore } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { keepPause } from '../orders/order-queries.store.ts';
import { keepAccount, keepContract, keepLink } from './account.store.ts';
import { countConnectorRecords, removeConnector, restoreConnector } from './connector.store.ts';

@Controller()
export class KeepAccountOnProviderAccountAppeared {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderAccountAppearedV1)
  handle(news: ProviderAccountAppearedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepAccount(clientOf(em), news, message));
  }
}

@Controller()
export class KeepAccountOnProviderAccountChanged {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderAccountChangedV1)
  handle(news: ProviderAccountChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepAccount(clientOf(em), news, message));
  }
}

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

@Controller()
export class KeepContractOnBillingContractCreated {
  constructor(private readonly inbox: Inbox) {}

  @On(BillingContractCreatedV1)
  handle(news: BillingContractCreatedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepContract(clientOf(em), news, message));
  }
}

@Controller()
export class KeepContractOnBillingContractChanged {
  constructor(private readonly inbox: Inbox) {}

  @On(BillingContractChangedV1)
  handle(news: BillingContractChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepContract(clientOf(em), news, message));
  }
}

/** Orders say that they wait for a paused connector, who paused it and why. */
@Controller()
export class KeepPauseOnConnectorPaused {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorPausedV1)
  handle({ connectorId, ...pause }: ConnectorPausedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepPause(clientOf(em), connectorId, pause, message));
  }
}

/** Orders that waited for it go on. */
@Controller()
export class EndPauseOnConnectorResumed {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorResumedV1)
  handle({ connectorId }: ConnectorResumedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepPause(clientOf(em), connectorId, null, message));
  }
}

@Controller()
export class RestoreConnectorOnConnectorCreated {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorCreatedV1)
  handle({ connectorId }: ConnectorCreatedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => restoreConnector(clientOf(em), connectorId, message));
  }
}

@Controller()
export class StopOrdersOnConnectorRemoved {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorRemovedV1)
  handle({ connectorId }: ConnectorRemovedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => removeConnector(clientOf(em), connectorId, message));
  }
}

@Controller()
export class AnswerCountConnectorRecords {
  constructor(private readonly store: TenantStore) {}

  @Answers(CountLifecycleRecords)
  count({ tenantId, connectorId }: CountLifecycleRecords): Promise<LifecycleRecordCounts> {
    return countConnectorRecords(this.store.rows(tenantId), connectorId);
  }
}

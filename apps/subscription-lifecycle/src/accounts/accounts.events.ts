import {
  BillingContractChangedV1,
  BillingContractCreatedV1,
  ConnectorChangedV1,
  ConnectorCreatedV1,
  ConnectorPausedV1,
  ConnectorRemovedV1,
  ConnectorResumedV1,
  CountLifecycleRecords,
  type CountLifecycleRecordsResponse,
  ProviderAccountAppearedV1,
  ProviderAccountChangedV1,
  ProviderAccountClosedV1,
  ProviderAccountLinkedV1,
  ProviderAccountUnlinkedV1,
} from '@isthmus/contracts';
import { RespondTo, Inbox, Message, On } from '@isthmus/messaging';
import { TenantStore } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { recordGuard } from '../orders/guard/guard.store.ts';
import { stopOrders } from '../orders/order.store.ts';
import { resumeOpenOrders, resumePausedOrders } from '../orders/protocol/hurried-orders.store.ts';
import { reason } from '../orders/order.ts';
import { stopForRemovedConnector } from '../orders/protocol/order-policy.ts';
import {
  countConnectorRecords,
  recordPause,
  recordRemoval,
  upsertAccount,
  upsertContract,
  upsertLink,
} from './account.store.ts';

/** Keeps provider accounts, their links and billing contracts as account-sync has them. */
@Controller()
export class AccountEvents {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderAccountAppearedV1)
  accountAppeared(event: ProviderAccountAppearedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => upsertAccount(em, event, message));
  }

  @On(ProviderAccountChangedV1)
  accountChanged(event: ProviderAccountChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => upsertAccount(em, event, message));
  }

  @On(ProviderAccountClosedV1)
  accountClosed(event: ProviderAccountClosedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => upsertAccount(em, { ...event, status: 'closed' }, message));
  }

  @On(ProviderAccountLinkedV1)
  accountLinked(event: ProviderAccountLinkedV1, message: Message): Promise<void> {
    const { providerAccountId, tenantAccountId, by } = event;
    return this.inbox.once(message, (em) => upsertLink(em, providerAccountId, tenantAccountId, by, message));
  }

  @On(ProviderAccountUnlinkedV1)
  accountUnlinked({ providerAccountId, by }: ProviderAccountUnlinkedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => upsertLink(em, providerAccountId, null, by, message));
  }

  @On(BillingContractCreatedV1)
  contractCreated(event: BillingContractCreatedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => upsertContract(em, event, message));
  }

  @On(BillingContractChangedV1)
  contractChanged(event: BillingContractChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => upsertContract(em, event, message));
  }
}

/** Applies events of connectors to their orders. Older events change nothing. */
@Controller()
export class ConnectorEvents {
  constructor(private readonly inbox: Inbox) {}

  /** Orders show that they wait for a paused connector, who paused it and why. */
  @On(ConnectorPausedV1)
  paused({ connectorId, ...pause }: ConnectorPausedV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      await recordPause(em, connectorId, pause, message);
    });
  }

  @On(ConnectorResumedV1)
  resumed({ connectorId }: ConnectorResumedV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      if (await recordPause(em, connectorId, null, message))
        await resumePausedOrders(em, message.tenantId, connectorId);
    });
  }

  /** Orders of the connector are refused from now on; open ones are stopped. */
  @On(ConnectorRemovedV1)
  removed({ connectorId }: ConnectorRemovedV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      if (!(await recordRemoval(em, connectorId, true, message))) return;
      const scope = { tenantId: message.tenantId, of: 'connectorId', id: connectorId } as const;
      await stopOrders(em, scope, removedBeforeDue, stopForRemovedConnector, message.type);
    });
  }

  /** Orders from now on are judged by its limits; those that wait for approval already keep waiting. */
  @On(ConnectorChangedV1)
  changed({ connectorId, orderGuard }: ConnectorChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => recordGuard(em, connectorId, orderGuard, message));
  }

  /** Orders of the connector are accepted again; the next sync restores its records. */
  @On(ConnectorCreatedV1)
  created({ connectorId, orderGuard }: ConnectorCreatedV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      await recordGuard(em, connectorId, orderGuard, message);
      if (await recordRemoval(em, connectorId, false, message))
        await resumeOpenOrders(em, message.tenantId, connectorId);
    });
  }
}

const removedBeforeDue = reason(
  'connector-removed',
  'The connector was removed before the change was due.',
  'Create the connector again, then schedule the change again if it is still needed.',
);

@Controller()
export class ConnectorRecordsResponder {
  constructor(private readonly store: TenantStore) {}

  @RespondTo(CountLifecycleRecords)
  count({ tenantId, connectorId }: CountLifecycleRecords): Promise<CountLifecycleRecordsResponse> {
    return this.store.read(tenantId, (em) => countConnectorRecords(em, tenantId, connectorId));
  }
}

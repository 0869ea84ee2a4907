import {
  ConnectorCreatedV1,
  ConnectorPausedV1,
  ConnectorRemovedV1,
  ConnectorResumedV1,
  CountLifecycleRecords,
  type LifecycleRecordCounts,
} from '@isthmus/contracts';
import { Answers, Inbox, Message, On } from '@isthmus/messaging';
import { clientOf, TenantStore } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { resumeOpenOrders, resumePausedOrders, stopOrders } from '../orders/order.store.ts';
import { reason } from '../orders/order.ts';
import { stopForRemovedConnector } from '../orders/protocol/order-policy.ts';
import { countConnectorRecords, recordPause, recordRemoval } from './connector.store.ts';

/** Applies events of connectors to their orders. Older events change nothing. */
@Controller()
export class ConnectorEvents {
  constructor(private readonly inbox: Inbox) {}

  /** Orders show that they wait for a paused connector, who paused it and why. */
  @On(ConnectorPausedV1)
  paused({ connectorId, ...pause }: ConnectorPausedV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      await recordPause(clientOf(em), connectorId, pause, message);
    });
  }

  @On(ConnectorResumedV1)
  resumed({ connectorId }: ConnectorResumedV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      if (await recordPause(clientOf(em), connectorId, null, message))
        await resumePausedOrders(clientOf(em), message.tenantId, connectorId);
    });
  }

  /** Its orders are refused from now on; open ones are stopped. */
  @On(ConnectorRemovedV1)
  removed({ connectorId }: ConnectorRemovedV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      if (!(await recordRemoval(clientOf(em), connectorId, true, message))) return;
      const scope = { tenantId: message.tenantId, column: 'connector_id', id: connectorId } as const;
      await stopOrders(clientOf(em), scope, removedBeforeDue, stopForRemovedConnector, message.type);
    });
  }

  /** Its orders are accepted again. Its records are restored by the next sync. */
  @On(ConnectorCreatedV1)
  created({ connectorId }: ConnectorCreatedV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      if (await recordRemoval(clientOf(em), connectorId, false, message))
        await resumeOpenOrders(clientOf(em), message.tenantId, connectorId);
    });
  }
}

const removedBeforeDue = reason(
  'connector-removed',
  'The connector was removed before the change was due.',
  'Set the connector up again, then schedule the change again if it is still wanted.',
);

@Controller()
export class ConnectorRecordsResponder {
  constructor(private readonly store: TenantStore) {}

  @Answers(CountLifecycleRecords)
  count({ tenantId, connectorId }: CountLifecycleRecords): Promise<LifecycleRecordCounts> {
    return countConnectorRecords(this.store.rows(tenantId), connectorId);
  }
}

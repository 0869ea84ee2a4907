import {
  ConnectorChangedV1,
  ConnectorCreatedV1,
  ConnectorPausedV1,
  ConnectorRemovedV1,
  ConnectorResumedV1,
} from '@isthmus/contracts';
import { Inbox, Message, On, type SqlClient } from '@isthmus/messaging';
import { clientIn } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { SyncRuns } from '../sync-runs.ts';
import { updateStatus, storeConnector } from './connectors.ts';

@Controller()
export class ProjectConnectorOnConnectorCreated {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorCreatedV1)
  handle(created: ConnectorCreatedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => storeConnector(em, created, message));
  }
}

@Controller()
export class UpdateConnectorOnConnectorChanged {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorChangedV1)
  handle(changed: ConnectorChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => storeConnector(em, changed, message));
  }
}

@Controller()
export class StopSyncingOnConnectorPaused {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorPausedV1)
  handle({ connectorId, cause, detail, nextStep }: ConnectorPausedV1, message: Message): Promise<void> {
    const paused = { cause, detail, nextStep };
    return this.inbox.once(message, (em) =>
      updateStatus(em, connectorId, { status: 'paused', paused }, message),
    );
  }
}

@Controller()
export class ResumeSyncingOnConnectorResumed {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorResumedV1)
  handle({ connectorId }: ConnectorResumedV1, message: Message): Promise<void> {
    const active = { status: 'active', paused: null } as const;
    return this.inbox.once(message, (em) => updateStatus(em, connectorId, active, message));
  }
}

/** The records that a service has read through connectors; each service provides its own. */
export abstract class ConnectorRecords {
  /**
   * Ends all live records of a connector, with events, in the transaction of `client`. The rows are retained: once the connector
   * is created again and CMP lists them, they are live again, with all data that users added.
   */
  abstract endAll(client: SqlClient, connectorId: string, cause: Message): Promise<void>;
}

@Controller()
export class EndRecordsOnConnectorRemoved {
  constructor(
    private readonly inbox: Inbox,
    private readonly runs: SyncRuns,
    private readonly records: ConnectorRecords,
  ) {}

  @On(ConnectorRemovedV1)
  handle({ connectorId }: ConnectorRemovedV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      const isNewer = await updateStatus(em, connectorId, { status: 'removed', paused: null }, message);
      if (!isNewer) return;
      // Runs are ended first: otherwise, records that one of them is about to write would become live again.
      await this.runs.endAllOf(em, message.tenantId, connectorId);
      await this.records.endAll(clientIn(em), connectorId, message);
    });
  }
}

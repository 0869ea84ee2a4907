import { Controller } from '@nestjs/common';
import { ConnectorRemovedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { SyncRuns } from '../runs/sync-runs.ts';
import { keepStatus } from './keep-connector.ts';

@Controller()
export class CancelRunsOnConnectorRemoved {
  constructor(
    private readonly inbox: Inbox,
    private readonly runs: SyncRuns,
  ) {}

  @On(ConnectorRemovedV1)
  handle({ connectorId }: ConnectorRemovedV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      const isNews = await keepStatus(em, connectorId, { status: 'removed', paused: null }, message);
      if (isNews) await this.runs.cancelAllOf(em, message.tenantId, connectorId);
    });
  }
}

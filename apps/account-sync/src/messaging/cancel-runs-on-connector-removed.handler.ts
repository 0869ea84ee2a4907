import { Controller } from '@nestjs/common';
import { ConnectorRemovedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { cancelRunsOf } from '../persistence/cancel-runs-of.ts';
import { keepStatus } from './keep-connector.ts';

@Controller()
export class CancelRunsOnConnectorRemoved {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorRemovedV1)
  handle({ connectorId }: ConnectorRemovedV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      const isNews = await keepStatus(em, connectorId, { status: 'removed', paused: null }, message);
      if (isNews) await cancelRunsOf(em, message.tenantId, connectorId);
    });
  }
}

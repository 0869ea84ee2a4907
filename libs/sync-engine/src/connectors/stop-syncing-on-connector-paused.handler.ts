import { Controller } from '@nestjs/common';
import { ConnectorPausedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { keepStatus } from './keep-connector.ts';

@Controller()
export class StopSyncingOnConnectorPaused {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorPausedV1)
  handle({ connectorId, cause, detail, nextStep }: ConnectorPausedV1, message: Message): Promise<void> {
    const paused = { cause, detail, nextStep };
    return this.inbox.once(message, (em) =>
      keepStatus(em, connectorId, { status: 'paused', paused }, message),
    );
  }
}

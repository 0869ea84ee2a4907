import { Controller } from '@nestjs/common';
import { ConnectorResumedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { keepStatus } from './keep-connector.ts';

@Controller()
export class ResumeSyncingOnConnectorResumed {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorResumedV1)
  handle({ connectorId }: ConnectorResumedV1, message: Message): Promise<void> {
    const active = { status: 'active', paused: null } as const;
    return this.inbox.once(message, (em) => keepStatus(em, connectorId, active, message));
  }
}

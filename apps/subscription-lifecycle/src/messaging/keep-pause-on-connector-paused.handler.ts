import { Controller } from '@nestjs/common';
import { ConnectorPausedV1, ConnectorResumedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { keepPause } from '../persistence/order-context.ts';

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

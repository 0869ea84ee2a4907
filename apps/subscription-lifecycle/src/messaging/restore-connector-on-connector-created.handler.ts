import { Controller } from '@nestjs/common';
import { ConnectorCreatedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { restoreConnector } from '../persistence/connector-records.ts';

@Controller()
export class RestoreConnectorOnConnectorCreated {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorCreatedV1)
  handle({ connectorId }: ConnectorCreatedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => restoreConnector(clientOf(em), connectorId, message));
  }
}

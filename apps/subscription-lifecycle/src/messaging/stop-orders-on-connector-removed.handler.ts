import { Controller } from '@nestjs/common';
import { ConnectorRemovedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { removeConnector } from '../persistence/connector-records.ts';

@Controller()
export class StopOrdersOnConnectorRemoved {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorRemovedV1)
  handle({ connectorId }: ConnectorRemovedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => removeConnector(clientOf(em), connectorId, message));
  }
}

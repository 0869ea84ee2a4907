import { Controller } from '@nestjs/common';
import { ConnectorCreatedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { storeConnector } from './keep-connector.ts';

@Controller()
export class KeepConnectorOnConnectorCreated {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorCreatedV1)
  handle(created: ConnectorCreatedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => storeConnector(em, created, message));
  }
}

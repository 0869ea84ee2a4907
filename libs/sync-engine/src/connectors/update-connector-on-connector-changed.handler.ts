import { Controller } from '@nestjs/common';
import { ConnectorChangedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { storeConnector } from './keep-connector.ts';

@Controller()
export class UpdateConnectorOnConnectorChanged {
  constructor(private readonly inbox: Inbox) {}

  @On(ConnectorChangedV1)
  handle(changed: ConnectorChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => storeConnector(em, changed, message));
  }
}

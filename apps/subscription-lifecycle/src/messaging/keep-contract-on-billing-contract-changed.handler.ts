import { Controller } from '@nestjs/common';
import { BillingContractChangedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { keepContract } from '../persistence/keep-account.ts';

@Controller()
export class KeepContractOnBillingContractChanged {
  constructor(private readonly inbox: Inbox) {}

  @On(BillingContractChangedV1)
  handle(news: BillingContractChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepContract(clientOf(em), news, message));
  }
}

import { Controller } from '@nestjs/common';
import { BillingContractCreatedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { keepContract } from '../persistence/keep-account.ts';

@Controller()
export class KeepContractOnBillingContractCreated {
  constructor(private readonly inbox: Inbox) {}

  @On(BillingContractCreatedV1)
  handle(news: BillingContractCreatedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepContract(clientOf(em), news, message));
  }
}

import { Controller } from '@nestjs/common';
import { eventContracts, type EventContract } from '@isthmus/contracts';
import { Inbox, On, type Message } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { DeliverWebhooks } from '../jobs/deliver-webhooks.job.ts';
import { storeEvent } from '../persistence/store-event.ts';
import { storedFacts } from './stored-facts.ts';

/** Hears every public event there is a contract of, of every service: a new one needs no line here. */
@Controller()
export class StoreOnAnyEvent {
  constructor(
    private readonly inbox: Inbox,
    private readonly couriers: DeliverWebhooks,
  ) {}

  async store(contract: EventContract, data: object, message: Message): Promise<void> {
    let deliveries = 0;
    await this.inbox.once(message, async (em) => {
      const kind = `${contract.producer}.${contract.aggregate}`;
      deliveries = await storeEvent(clientOf(em), storedFacts(message, data), kind);
    });
    if (deliveries > 0) this.couriers.wake();
  }
}

for (const contract of eventContracts()) {
  const key = `store ${contract.subject}`;
  const descriptor = {
    configurable: true,
    value(this: StoreOnAnyEvent, data: object, message: Message) {
      return this.store(contract, data, message);
    },
  };
  Object.defineProperty(StoreOnAnyEvent.prototype, key, descriptor);
  On(contract.type)(StoreOnAnyEvent.prototype, key, descriptor);
}

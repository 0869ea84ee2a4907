import { Controller } from '@nestjs/common';
import { eventContracts, type EventContract } from '@isthmus/contracts';
import { On, type Message } from '@isthmus/messaging';
import { DeliverWebhooks } from '../jobs/deliver-webhooks.job.ts';
import { EventIntake } from '../persistence/event-intake.ts';
import { storedFacts } from './stored-facts.ts';

/** Hears every public event there is a contract of, of every service: a new one needs no line here. */
@Controller()
export class StoreOnAnyEvent {
  constructor(
    private readonly intake: EventIntake,
    private readonly couriers: DeliverWebhooks,
  ) {}

  async store(contract: EventContract, data: object, message: Message): Promise<void> {
    const kind = `${contract.producer}.${contract.aggregate}`;
    const deliveries = await this.intake.store({ ...storedFacts(message, data), kind });
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

import { type EventContract, eventContracts } from '@isthmus/contracts';
import { type Message, On } from '@isthmus/messaging';
import { witnessHead } from '@isthmus/service-kit';
import { MikroORM } from '@mikro-orm/postgresql';
import { Controller } from '@nestjs/common';
import { DeliveryWorker } from '../deliveries/delivery.worker.ts';
import type { PublishedEvent } from '../deliveries/webhook-message.ts';
import { activeTraceparent } from '../deliveries/webhook-sender.service.ts';
import { EventStore } from './event.store.ts';

/** Consumes every public event of every service that has a contract: a new one needs no line here. */
@Controller()
export class EventHandler {
  constructor(
    private readonly events: EventStore,
    private readonly worker: DeliveryWorker,
    private readonly orm: MikroORM,
  ) {}

  async store(contract: EventContract, data: object, message: Message): Promise<void> {
    // Stored before the event counts as received: if that fails, the head is delivered again.
    await witnessHead(this.orm.em.fork(), message, data);
    const kind = `${contract.producer}.${contract.aggregate}`;
    const deliveries = await this.events.store({ ...toPublishedEvent(message, data), kind });
    if (deliveries > 0) this.worker.wake();
  }
}

for (const contract of eventContracts()) {
  const key = `store ${contract.eventType}`;
  const descriptor = {
    configurable: true,
    value(this: EventHandler, data: object, message: Message) {
      return this.store(contract, data, message);
    },
  };
  Object.defineProperty(EventHandler.prototype, key, descriptor);
  On(contract.type)(EventHandler.prototype, key, descriptor);
}

/** The trace is the active one, which continues the one the message came with. */
const toPublishedEvent = (message: Message, data: object): PublishedEvent => ({
  id: message.id,
  tenantId: message.tenantId,
  source: message.headers['ce-source'] ?? `/isthmus/${message.type.split('.', 1)[0]}`,
  type: message.type,
  time: new Date(message.time),
  subject: message.subject,
  correlationId: message.correlationId,
  aggregateVersion: message.aggregateVersion,
  traceparent: activeTraceparent() ?? message.traceparent ?? null,
  data: JSON.stringify(data),
});

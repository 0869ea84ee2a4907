import { Injectable, Optional } from '@nestjs/common';
import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { contractBySubject, type EventContract } from '@isthmus/contracts';
import { Pool } from 'pg';
import { lastValueFrom } from 'rxjs';
import { AskServer } from '../ask/ask-server.ts';
import { MessagingOptions } from '../messaging-options.ts';
import { NatsConnection } from '../nats/nats-connection.ts';
import { EventConsumer } from './event-consumer.ts';
import { HandlerDeclaredTwice, HearingNeedsDatabase, NothingHearsIt } from './consume.errors.ts';
import type { Hear } from './delivery.ts';

/** Nest's way in from the bus: `@On` methods hear JetStream, `@Answers` methods answer requests. */
@Injectable()
export class JetStreamServer extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol.for('isthmus.jetstream');

  constructor(
    private readonly nats: NatsConnection,
    private readonly options: MessagingOptions,
    private readonly events: EventConsumer,
    private readonly asks: AskServer,
    @Optional() private readonly pool?: Pool,
  ) {
    super();
  }

  /** One handler per subject: two effects of one event belong in one transaction. */
  override addHandler(
    pattern: string,
    handler: MessageHandler,
    isEvent = false,
    extras: Record<string, unknown> = {},
  ): void {
    if (this.messageHandlers.has(pattern)) throw new HandlerDeclaredTwice(pattern, this.options.service);
    super.addHandler(pattern, handler, isEvent, extras);
  }

  /** Never waits for NATS: consumption begins as soon as it is there. */
  listen(callback: () => void): void {
    const byProducer = new Map<string, Map<string, Hear>>();
    for (const [subject, handler] of this.messageHandlers) {
      const contract = contractBySubject(subject);
      const call: Hear = async (data, context) =>
        lastValueFrom(this.transformToObservable(await handler(data, context)), { defaultValue: undefined });
      if (contract?.kind === 'ask') this.asks.answer(contract, call);
      if (contract?.kind === 'event') heardFrom(byProducer, contract).set(subject, call);
    }
    if (byProducer.size > 0 && !this.pool) throw new HearingNeedsDatabase(this.options.service);
    for (const [producer, handlers] of byProducer) this.events.hear(producer, handlers);
    callback();
  }

  /** Calls the handler of a subject directly: the way a parked message takes. */
  hearerOf(subject: string): Hear {
    const hear = this.events.hearerOf(subject);
    if (!hear) throw new NothingHearsIt(subject, this.options.service);
    return hear;
  }

  async close(): Promise<void> {
    await Promise.all([this.events.close(), this.asks.close()]);
  }

  on(): never {
    throw new Error('JetStreamServer has no events of its own; ask NatsConnection for its state.');
  }

  unwrap<T>(): T {
    return this.nats as T;
  }
}

function heardFrom(
  byProducer: Map<string, Map<string, Hear>>,
  { producer }: EventContract,
): Map<string, Hear> {
  const handlers = byProducer.get(producer) ?? new Map<string, Hear>();
  byProducer.set(producer, handlers);
  return handlers;
}

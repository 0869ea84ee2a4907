import {
  type AskClass,
  contractBySubject,
  type ContractClass,
  contractOf,
  type EventContract,
} from '@isthmus/contracts';
import {
  Catch,
  type INestApplication,
  Injectable,
  Optional,
  type RpcExceptionFilter,
  UseFilters,
} from '@nestjs/common';
import {
  Ctx,
  type CustomTransportStrategy,
  EventPattern,
  type MessageHandler,
  MessagePattern,
  Payload,
  Server,
} from '@nestjs/microservices';
import { Pool } from 'pg';
import { lastValueFrom, type Observable, throwError } from 'rxjs';
import type { Message } from '../message.ts';
import { MessagingOptions } from '../messaging-options.ts';
import { NatsConnection } from '../nats/nats-connection.ts';
import { type AskContext, AskServer } from '../requests.ts';
import { EventConsumer, type Hear } from './consumer.ts';

/** Nest's default RPC filter replaces every error with "Internal server error"; the delivery has to see the real one. */
@Catch()
export class RethrowFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

type Handler<T> = (data: T, message: Message) => Promise<unknown>;

/**
 * The method hears this event. It is called with the checked data and the message, and the message is acknowledged when its
 * promise resolves; a method whose first parameter is of another type does not compile.
 */
export function On<T extends object>(contract: ContractClass<T>) {
  return <H extends Handler<T>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    // Without parameter decorators Nest passes the payload only.
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    UseFilters(RethrowFilter)(target, key, descriptor);
    EventPattern<string>(contractOf(contract).subject)(target, key, descriptor);
  };
}

type Answerer<Q, A> = (question: Q, context: AskContext) => Promise<A>;

/** The method answers this question; its parameter and its answer are those of the contract, or it does not compile. */
export function Answers<Q extends object, A extends object>(contract: AskClass<Q, A>) {
  return <H extends Answerer<Q, A>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    UseFilters(RethrowFilter)(target, key, descriptor);
    MessagePattern(contractOf(contract).subject)(target, key, descriptor);
  };
}

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

/** Two methods of one service hear one event. A mistake in the code, found at boot. */
export class HandlerDeclaredTwice extends Error {
  override readonly name = 'HandlerDeclaredTwice';
  readonly code = 'messaging.handler-declared-twice';

  constructor(
    readonly subject: string,
    readonly service: string,
  ) {
    super(
      `Two handlers of ${service} hear ${subject}; put both effects into one handler, and so into one transaction.`,
    );
  }
}

/** A message for which this process has no handler. */
export class NothingHearsIt extends Error {
  override readonly name = 'NothingHearsIt';
  readonly code = 'messaging.nothing-hears-it';

  constructor(
    readonly subject: string,
    readonly service: string,
  ) {
    super(
      `This process of ${service} has no handler for ${subject}; unpark the message in the process that has.`,
    );
  }
}

/** No parked message has this id (any more). */
export class ParkedMessageUnknown extends Error {
  override readonly name = 'ParkedMessageUnknown';
  readonly code = 'messaging.parked-message-unknown';

  constructor(readonly id: string) {
    super(`No message is parked under ${id}; it may have been unparked already.`);
  }
}

/** A service without a database has an `@On` method. A mistake in the code, found at boot. */
export class HearingNeedsDatabase extends Error {
  override readonly name = 'HearingNeedsDatabase';
  readonly code = 'messaging.hearing-needs-database';

  constructor(readonly service: string) {
    super(`${service} hears events but has no database for its inbox and its parked messages; give it one.`);
  }
}

/** Joins an application to the bus: call it after `NestFactory.create` and before `listen`. Does not wait for NATS. */
export async function connectMessaging(app: INestApplication): Promise<void> {
  // Guards, pipes and filters of the HTTP side mean nothing to messages.
  app.connectMicroservice({ strategy: app.get(JetStreamServer) }, { inheritAppConfig: false });
  await app.startAllMicroservices();
}

import {
  type RequestClass,
  contractNamed,
  type ContractClass,
  contractOf,
  type EventContract,
  nameOf,
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
import { type RequestContext, RequestServer } from '../requests.ts';
import { EventConsumer, type EventHandler } from './consumer.ts';

/** Nest's default RPC filter replaces every error with "Internal server error"; the caller of the handler needs the real one. */
@Catch()
class RethrowFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

type HandlerMethod<T> = (data: T, message: Message) => Promise<unknown>;

/**
 * The method handles this event. It is called with the validated data and the message, and the message is acknowledged when
 * its promise resolves. A method whose first parameter has another type does not compile.
 */
export function On<T extends object>(contract: ContractClass<T>) {
  return <H extends HandlerMethod<T>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    // Without parameter decorators Nest passes the payload only.
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    UseFilters(RethrowFilter)(target, key, descriptor);
    EventPattern<string>(nameOf(contractOf(contract)))(target, key, descriptor);
  };
}

type ResponderMethod<Q, A> = (request: Q, context: RequestContext) => Promise<A>;

/** The method responds to this request. Its parameter and its result are those of the contract, or it does not compile. */
export function RespondTo<Q extends object, A extends object>(contract: RequestClass<Q, A>) {
  return <H extends ResponderMethod<Q, A>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    UseFilters(RethrowFilter)(target, key, descriptor);
    MessagePattern(nameOf(contractOf(contract)))(target, key, descriptor);
  };
}

/** The bus as a Nest transport: `@On` methods handle events, `@RespondTo` methods respond to requests. */
@Injectable()
export class JetStreamServer extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol.for('isthmus.jetstream');

  constructor(
    private readonly nats: NatsConnection,
    private readonly options: MessagingOptions,
    private readonly events: EventConsumer,
    private readonly requests: RequestServer,
    @Optional() private readonly pool?: Pool,
  ) {
    super();
  }

  /** One handler per event or request: two effects of one event belong in one transaction. */
  override addHandler(
    pattern: string,
    handler: MessageHandler,
    isEvent = false,
    extras: Record<string, unknown> = {},
  ): void {
    if (this.messageHandlers.has(pattern)) throw new DuplicateHandler(pattern, this.options.service);
    super.addHandler(pattern, handler, isEvent, extras);
  }

  /** Does not wait for NATS: consumption begins as soon as it is reachable. */
  listen(callback: () => void): void {
    const byProducer = new Map<string, Map<string, EventHandler>>();
    for (const [pattern, handler] of this.messageHandlers) {
      const contract = contractNamed(pattern);
      const call: EventHandler = async (data, context) =>
        lastValueFrom(this.transformToObservable(await handler(data, context)), { defaultValue: undefined });
      if (contract?.kind === 'request') this.requests.respondTo(contract, call);
      if (contract?.kind === 'event')
        handlersFor(byProducer, contract).set(contract.eventType, this.#ofItsTenant(call));
    }
    if (byProducer.size > 0 && !this.pool) throw new EventsNeedDatabase(this.options.service);
    for (const [producer, handlers] of byProducer) this.events.consume(producer, handlers);
    callback();
  }

  /** However a message comes to its handler, it is handled for its own tenant. */
  #ofItsTenant(handle: EventHandler): EventHandler {
    return (data, message) => this.options.tenants.within(message.tenantId, () => handle(data, message));
  }

  /** The handler of a type, to be called directly: this is how a parked message is delivered. */
  handlerFor(eventType: string): EventHandler {
    const handler = this.events.handlerFor(eventType);
    if (!handler) throw new NoHandler(eventType, this.options.service);
    return handler;
  }

  async close(): Promise<void> {
    await Promise.all([this.events.close(), this.requests.close()]);
  }

  on(): never {
    throw new Error('JetStreamServer has no events; use NatsConnection for its state.');
  }

  unwrap<T>(): T {
    return this.nats as T;
  }
}

function handlersFor(
  byProducer: Map<string, Map<string, EventHandler>>,
  { producer }: EventContract,
): Map<string, EventHandler> {
  const handlers = byProducer.get(producer) ?? new Map<string, EventHandler>();
  byProducer.set(producer, handlers);
  return handlers;
}

/** Two methods of one service handle the same event. A mistake in the code, found at boot. */
export class DuplicateHandler extends Error {
  override readonly name = 'DuplicateHandler';
  readonly code = 'messaging.handler-declared-twice';

  constructor(
    /** The type of an event, or the subject of a request. */
    readonly pattern: string,
    readonly service: string,
  ) {
    super(
      `Two handlers of ${service} consume ${pattern}; put both effects into one handler and one transaction.`,
    );
  }
}

/** This process has no handler for the message. */
export class NoHandler extends Error {
  override readonly name = 'NoHandler';
  readonly code = 'messaging.no-handler';

  constructor(
    readonly eventType: string,
    readonly service: string,
  ) {
    super(
      `This process of ${service} has no handler for ${eventType}; unpark the message in the process that has one.`,
    );
  }
}

/** A service without a database has an `@On` method. A mistake in the code, found at boot. */
class EventsNeedDatabase extends Error {
  override readonly name = 'EventsNeedDatabase';
  readonly code = 'messaging.events-need-database';

  constructor(readonly service: string) {
    super(
      `${service} consumes events but has no database for its inbox and its parked messages; configure one.`,
    );
  }
}

/** Connects an application to the bus: call it after `NestFactory.create` and before `listen`. Does not wait for NATS. */
export async function connectMessaging(app: INestApplication): Promise<void> {
  // Guards, pipes and filters of the HTTP side mean nothing to messages.
  app.connectMicroservice({ strategy: app.get(JetStreamServer) }, { inheritAppConfig: false });
  await app.startAllMicroservices();
}

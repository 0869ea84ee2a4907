import { decode, eventContract, eventSubjects } from '@isthmus/contracts';
import {
  type ConsumerMessages,
  jetstreamManager,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import { Injectable, Logger, Optional } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { Pool } from 'pg';
import { codeOf, failureKind } from '../failure.ts';
import { KeyedQueue } from '../keyed-queue.ts';
import { type Message, plainHeaders, toMessage } from '../message.ts';
import { MessagingOptions, type RetryPolicy } from '../messaging-options.ts';
import { type ConsumerDefinition, ensureConsumer, streamName } from '../nats/jetstream.ts';
import { NatsConnection } from '../nats/nats-connection.ts';
import { parkMessage } from '../outbox/park-message.ts';
import { backoffMs, retry, runLoop } from '../retry-loop.ts';
import { attributes, countHandled, withSpan } from '../telemetry.ts';

const ackWaitMs = 30_000;

/**
 * Consumes the streams of other services, with one durable consumer per stream: events of one aggregate in order, those of
 * different aggregates in parallel.
 */
@Injectable()
export class EventConsumer {
  readonly #stopped = new AbortController();
  readonly #handlers = new Map<string, EventHandler>();
  readonly #loops: Promise<void>[] = [];
  readonly #inProgress = new Set<JsMsg>();
  readonly #queue: KeyedQueue;
  #heartbeat?: NodeJS.Timeout;

  constructor(
    private readonly nats: NatsConnection,
    private readonly options: MessagingOptions,
    @Optional() private readonly pool?: Pool,
  ) {
    this.#queue = new KeyedQueue(options.concurrency);
  }

  handlerFor(eventType: string): EventHandler | undefined {
    return this.#handlers.get(eventType);
  }

  /** Starts consuming these types of events of a producer's stream, of every tenant. */
  consume(producer: string, handlers: ReadonlyMap<string, EventHandler>): void {
    for (const [eventType, handler] of handlers) this.#handlers.set(eventType, handler);
    const stream = streamName(producer);
    // Prevents a message that is still being handled, or waits for the database, from being delivered to another process.
    this.#heartbeat ??= setInterval(
      () => this.#inProgress.forEach((message) => message.working()),
      ackWaitMs / 3,
    );
    this.#loops.push(
      keepConsuming({
        nats: this.nats,
        consumer: {
          stream,
          durable: this.options.consumer,
          subjects: [...handlers.keys()].map((eventType) => eventSubjects({ eventType })),
          ackWaitMs,
          maxAckPending: 1_000,
        },
        prefetch: 200,
        take: (message) => this.#take(message),
        signal: this.#stopped.signal,
      }),
    );
  }

  /** Takes no more messages, and waits for those in progress. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#loops);
    await this.#queue.idle();
    clearInterval(this.#heartbeat);
  }

  async #take(message: JsMsg): Promise<void> {
    const raw: RawMessage = {
      subject: message.subject,
      headers: plainHeaders(message.headers),
      payload: message.data,
    };
    await this.#queue.add(raw.headers['ce-subject'] ?? '', async () => {
      this.#inProgress.add(message);
      try {
        await this.#settle(message, raw);
      } catch {
        // Not acknowledged, so JetStream delivers it again; a rejection here would end the consumption.
      } finally {
        this.#inProgress.delete(message);
      }
    });
  }

  async #settle(message: JsMsg, raw: RawMessage): Promise<void> {
    const { retry: policy } = this.options;
    const eventType = typeIn(raw.subject);
    const handler = this.#handlers.get(eventType);
    // The type was removed from the code, but is still in the durable consumer that an older process created.
    if (!handler) return message.ack();
    const outcome = await deliver(raw, handler, policy, this.#stopped.signal);
    const tries = message.info.deliveryCount;
    countHandled(eventType, outcome.kind);
    const decision = ackDecisionFor(outcome.kind, tries, policy);
    if (decision.is === 'nak') return message.nak(decision.afterMs);
    if (outcome.kind === 'done') return message.ack();
    await this.#park(message, raw, outcome, tries);
  }

  async #park(
    message: JsMsg,
    raw: RawMessage,
    outcome: Extract<Outcome, { error: unknown }>,
    tries: number,
  ): Promise<void> {
    const { error } = outcome;
    const reason =
      codeOf(error) ?? (outcome.kind === 'unprocessable' ? 'payload.unreadable' : 'handler.failed');
    const park = async () => {
      const parking = { direction: 'in', ...raw, reason, error, tries } as const;
      await this.options.tenants.across('park a message', () => parkMessage(this.pool!, parking));
      return 'parked';
    };
    // While the database is unreachable: dropping the message would lose it.
    const parked = await retry(park, { signal: this.#stopped.signal, backoff: outageBackoff });
    if (parked) message.ack();
    else message.nak();
  }
}

/** Applies while the database, or another dependency of a handler, cannot be reached. */
const outageBackoff = { firstMs: 200, maxMs: 5_000 };

/** A message as it was received from JetStream, or parked. */
interface RawMessage {
  subject: string;
  headers: Readonly<Record<string, string>>;
  payload: Uint8Array;
}

/** Resolves when the message's effect is committed. */
export type EventHandler = (data: object, message: Message) => Promise<unknown>;

/** The result of a delivery, and its consequence for the message. */
type Outcome = { kind: 'done' } | { kind: 'unprocessable' | 'failed' | 'shutting-down'; error: unknown };

/**
 * Delivers one message to its handler. A failure is first retried here, which preserves the aggregate's order. While a dependency
 * of the handler cannot be reached, this waits: the message is not the cause and must not be parked.
 */
export async function deliver(
  raw: RawMessage,
  handler: EventHandler,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<Outcome> {
  let message: Message;
  let data: object;
  try {
    message = toMessage(raw.subject, raw.headers);
    data = decodePayload(message.type, raw.payload);
  } catch (error) {
    return { kind: 'unprocessable', error };
  }
  const template = eventSubjects({ eventType: message.type }, '{tenant}');
  const span = spanAttributes(message, raw.subject, template);
  const handle = async () => {
    await withSpan(message.traceparent, `process ${template}`, SpanKind.CONSUMER, span, () =>
      handler(data, message),
    );
    return true;
  };
  let [failures, outages] = [0, 0];
  let last: unknown;
  const delayMs = (error: unknown) => {
    last = error;
    const kind = failureKind(error);
    if (kind === 'unstorable') return undefined;
    return kind === 'unavailable' ? backoffMs(outages++, outageBackoff) : policy.localDelaysMs[failures++];
  };
  try {
    const done = await retry(handle, { signal, delayMs });
    return done ? { kind: 'done' } : { kind: 'shutting-down', error: last };
  } catch (error) {
    return { kind: failureKind(error) === 'unstorable' ? 'unprocessable' : 'failed', error };
  }
}

/** The type in a subject, also where the tenant's token is none: such a message is parked, not passed over. */
const typeIn = (subject: string): string => subject.replace(/^([^.]+)\.[^.]+\./, '$1.');

function decodePayload(eventType: string, payload: Uint8Array): object {
  const contract = eventContract(eventType);
  if (!contract) throw new Error(`There is no contract for ${eventType}; a newer service may publish it.`);
  return decode(contract.type, JSON.parse(Buffer.from(payload).toString('utf8')));
}

const spanAttributes = (message: Message, subject: string, template: string) => ({
  [attributes.system]: 'nats',
  [attributes.operation]: 'process',
  [attributes.operationName]: 'process',
  [attributes.destination]: subject,
  [attributes.destinationTemplate]: template,
  [attributes.messageId]: message.id,
  [attributes.tenantId]: message.tenantId,
  [attributes.correlationId]: message.correlationId,
});

/** The acknowledgement of a delivered message. Without a delay it is redelivered immediately. */
export type AckDecision = { is: 'ack' } | { is: 'nak'; afterMs?: number } | { is: 'park' };

/**
 * Decides how to acknowledge a message: only after its effect is committed, redelivered at growing intervals while it fails,
 * parked if it keeps failing or can never succeed. `tries` counts the deliveries, including this one.
 */
export function ackDecisionFor(outcome: Outcome['kind'], tries: number, retry: RetryPolicy): AckDecision {
  if (outcome === 'done') return { is: 'ack' };
  if (outcome === 'shutting-down') return { is: 'nak' };
  if (outcome === 'unprocessable' || tries >= retry.maxDeliveries) return { is: 'park' };
  const delays = retry.redeliveryDelaysMs;
  return { is: 'nak', afterMs: delays[Math.min(tries, delays.length) - 1] };
}

interface Consumption {
  nats: NatsConnection;
  consumer: ConsumerDefinition;
  /** Messages fetched ahead of the handlers. */
  prefetch: number;
  /** Must not reject; resolves when the next message can be taken. */
  take: (message: JsMsg) => Promise<void>;
  signal: AbortSignal;
}

/**
 * Consumes until the signal is aborted. Whatever else ends a consumption (the stream or the consumer deleted, the store wiped,
 * heartbeats missed) is logged, and it starts again, creating a missing stream or consumer.
 */
async function keepConsuming(consumption: Consumption): Promise<void> {
  const { consumer, signal } = consumption;
  const run = async () => {
    await consumeOnce(consumption);
    if (!signal.aborted) throw new Error(`Consumer ${consumer.durable} of ${consumer.stream} was lost.`);
  };
  const log = new Logger(`${consumer.stream}/${consumer.durable}`);
  await runLoop({ name: 'Consumption', run, idleMs: 0, isOutage: () => true, log }, signal);
}

async function consumeOnce({ nats, consumer, prefetch, take, signal }: Consumption): Promise<void> {
  const core = await nats.ready(signal);
  const jsm: JetStreamManager = await jetstreamManager(core, { checkAPI: false });
  await ensureConsumer(jsm, consumer);
  const pull = await jsm.jetstream().consumers.get(consumer.stream, consumer.durable);
  // Short expiry, because it sets the heartbeat by which a lost consumer is noticed.
  const messages = await pull.consume({
    max_messages: prefetch,
    expires: 10_000,
    abort_on_missing_resource: true,
  });
  const stop = () => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  void stopWhenLost(messages);
  try {
    if (signal.aborted) return;
    for await (const message of messages) {
      await take(message);
      if (signal.aborted) return;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    messages.stop();
  }
}

/** In some cases the client keeps pulling from a consumer that no longer exists; a restart always detects this. */
async function stopWhenLost(messages: ConsumerMessages): Promise<void> {
  for await (const status of messages.status()) {
    const lost =
      status.type === 'consumer_not_found' ||
      status.type === 'stream_not_found' ||
      status.type === 'consumer_deleted';
    if (lost || status.type === 'no_responders' || (status.type === 'heartbeats_missed' && status.count >= 2))
      messages.stop();
  }
}

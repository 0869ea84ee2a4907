import { type ContractClass, contractOf, decode } from '@isthmus/contracts';
import { EntityManager } from '@mikro-orm/core';
import { type Consumer, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { Pool } from 'pg';
import { codeOf } from '../failure.ts';
import { type Message, plainHeaders } from '../message.ts';
import { MessagingOptions } from '../messaging-options.ts';
import {
  type ConsumerDefinition,
  ensureConsumer,
  ensureStream,
  type StreamDefinition,
  workStream,
} from '../nats/jetstream.ts';
import { NatsConnection } from '../nats/nats-connection.ts';
import { emit, emitMany, event, type Statements } from '../outbox/outbox.ts';
import { parkMessage } from '../outbox/park-message.ts';
import { runLoop } from '../retry-loop.ts';
import { attributes, inSpanOf } from '../telemetry.ts';

/** What a worker gets beside the item's data. */
export interface WorkItem {
  /** Reports that the item is still being worked on; to be called more often than every `ackWaitMs`. */
  working(): void;
  /** Aborted when the worker has to stop; an unfinished item goes to another worker. */
  signal: AbortSignal;
  /** 1 for the first delivery. */
  deliveryCount: number;
}

export interface WorkOptions {
  /** Items at a time in this process. */
  concurrency: number;
  /** A worker silent for this long is presumed dead, and its item goes to another. */
  ackWaitMs: number;
  /** An item that failed in this many deliveries is parked. Default 20. */
  maxDeliveries?: number;
}

export type Stop = () => Promise<void>;

const delaysMs = [1_000, 2_000, 5_000, 15_000, 60_000];

/** The service's own work, distributed among its workers. */
@Injectable()
export class WorkQueue implements BeforeApplicationShutdown {
  readonly #stops = new Set<Stop>();

  constructor(
    private readonly nats: NatsConnection,
    private readonly options: MessagingOptions,
    private readonly pool: Pool,
  ) {}

  /** Takes items until stopped. An item whose handler throws is redelivered, at growing intervals. */
  async consume<T extends object>(
    contract: ContractClass<T>,
    work: WorkOptions,
    handler: (data: T, item: WorkItem) => Promise<void>,
  ): Promise<Stop> {
    const { subject } = contractOf(contract);
    const stopped = new AbortController();
    const stream = workStream(this.options.service, this.options.streamReplicas);
    const loops = Array.from({ length: work.concurrency }, () =>
      keepTaking({
        nats: this.nats,
        stream,
        consumer: {
          stream: stream.name,
          durable: subject.replaceAll('.', '_'),
          subjects: [subject],
          ackWaitMs: work.ackWaitMs,
          maxAckPending: 1_000,
        },
        take: (message) => this.#take(contract, handler, message, stopped.signal, work.maxDeliveries ?? 20),
        signal: stopped.signal,
      }),
    );
    const stop = async () => {
      stopped.abort();
      await Promise.all(loops);
      this.#stops.delete(stop);
    };
    this.#stops.add(stop);
    return stop;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.#stops].map((stop) => stop()));
  }

  async #take<T extends object>(
    contract: ContractClass<T>,
    handler: (data: T, item: WorkItem) => Promise<void>,
    message: JsMsg,
    signal: AbortSignal,
    maxDeliveries: number,
  ): Promise<void> {
    const { deliveryCount } = message.info;
    const headers = plainHeaders(message.headers);
    const spanAttributes = {
      [attributes.destination]: message.subject,
      [attributes.deliveryCount]: deliveryCount,
    };
    try {
      const data = decode(contract, message.json());
      await inSpanOf(headers.traceparent, `work ${message.subject}`, SpanKind.CONSUMER, spanAttributes, () =>
        handler(data, { working: () => message.working(), signal, deliveryCount }),
      );
      message.ack();
    } catch (error) {
      const code = codeOf(error) ?? 'work.failed';
      if (code !== 'contract.violated' && !(error instanceof SyntaxError) && deliveryCount < maxDeliveries) {
        // Redelivered at once if this worker is stopping, so that another need not wait.
        return message.nak(
          signal.aborted ? undefined : delaysMs[Math.min(deliveryCount, delaysMs.length) - 1],
        );
      }
      const { subject, data: payload } = message;
      await parkMessage(this.pool, {
        direction: 'in',
        subject,
        headers,
        payload,
        reason: code,
        error,
        tries: deliveryCount,
      });
      message.ack();
    }
  }
}

interface Taking {
  nats: NatsConnection;
  stream: StreamDefinition;
  consumer: ConsumerDefinition;
  take: (message: JsMsg) => Promise<void>;
  signal: AbortSignal;
}

const waitMs = 5_000;

/**
 * Takes one message at a time until the signal is aborted. Nothing is fetched ahead: an item that would wait behind a long
 * one belongs to another worker.
 */
async function keepTaking({ nats, stream, consumer, take, signal }: Taking): Promise<void> {
  let pull: Consumer | undefined;
  const run = async () => {
    const from = pull ?? (await prepare({ nats, stream, consumer, signal }));
    // After a failure the next round prepares again.
    pull = undefined;
    const message = await next(from, signal);
    if (message) await take(message);
    pull = from;
    return true;
  };
  const log = new Logger(`${consumer.stream}/${consumer.durable}`);
  await runLoop({ name: 'Taking work', run, idleMs: 0, isOutage: () => true, log }, signal);
}

async function prepare({ nats, stream, consumer, signal }: Omit<Taking, 'take'>): Promise<Consumer> {
  const jsm = await jetstreamManager(await nats.ready(signal), { checkAPI: false });
  await ensureStream(jsm, stream);
  await ensureConsumer(jsm, consumer);
  return await jsm.jetstream().consumers.get(consumer.stream, consumer.durable);
}

async function next(pull: Consumer, signal: AbortSignal): Promise<JsMsg | undefined> {
  const messages = await pull.fetch({ max_messages: 1, expires: waitMs });
  const stop = () => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) messages.stop();
    for await (const message of messages) return message;
    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
    messages.stop();
  }
}

export interface WorkFacts {
  tenantId: string;
  cause?: Message;
  correlationId?: string;
}

/**
 * Queues work for the service's own workers, in the caller's transaction. The item goes through the outbox, so it is queued
 * exactly when the transaction commits. Await the result when a client was given.
 */
export function enqueueWork<T extends object>(
  into: EntityManager | Statements,
  contract: ContractClass<T>,
  data: T,
  facts: WorkFacts,
): Promise<void> {
  const item = event(contract, data, { ...facts, aggregateId: '', version: 1 });
  item.aggregateId = item.id;
  if (!(into instanceof EntityManager)) return emitMany(into, [item]);
  emit(into, item);
  return Promise.resolve();
}

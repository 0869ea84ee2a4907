import { Injectable, Optional } from '@nestjs/common';
import type { JsMsg } from '@nats-io/jetstream';
import { Pool } from 'pg';
import { KeyedQueue } from '../keyed-queue.ts';
import { MessagingOptions } from '../messaging-options.ts';
import { plainHeaders } from '../nats/cloud-event.ts';
import { NatsConnection } from '../nats/nats-connection.ts';
import { eventStream } from '../nats/stream-definition.ts';
import { retry as retryUntilDone } from '../retry-loop.ts';
import { countHandled } from '../telemetry/metrics.ts';
import { codeOf } from './code-of.ts';
import { consumeForEver } from './consume-for-ever.ts';
import { deliver, outageBackoff, type Hear, type Outcome, type RawMessage } from './delivery.ts';
import { parkMessage } from './park-message.ts';
import { settlementOf } from './settlement.ts';

const ackWaitMs = 30_000;

/** Hears other services' streams: one durable consumer per stream, events of one aggregate in order, others beside. */
@Injectable()
export class EventConsumer {
  readonly #stopped = new AbortController();
  readonly #handlers = new Map<string, Hear>();
  readonly #loops: Promise<void>[] = [];
  readonly #inHand = new Set<JsMsg>();
  readonly #queue: KeyedQueue;
  #heartbeat?: NodeJS.Timeout;

  constructor(
    private readonly nats: NatsConnection,
    private readonly options: MessagingOptions,
    @Optional() private readonly pool?: Pool,
  ) {
    this.#queue = new KeyedQueue(options.concurrency);
  }

  hearerOf(subject: string): Hear | undefined {
    return this.#handlers.get(subject);
  }

  /** Begins to hear these subjects of a producer's stream. */
  hear(producer: string, handlers: ReadonlyMap<string, Hear>): void {
    for (const [subject, hear] of handlers) this.#handlers.set(subject, hear);
    const stream = eventStream(producer, this.options.streamReplicas);
    // Keeps what is still being worked on, or waits for the database, from being delivered to somebody else.
    this.#heartbeat ??= setInterval(
      () => this.#inHand.forEach((message) => message.working()),
      ackWaitMs / 3,
    );
    this.#loops.push(
      consumeForEver({
        nats: this.nats,
        stream,
        consumer: {
          stream: stream.name,
          durable: this.options.consumer,
          subjects: [...handlers.keys()],
          ackWaitMs,
          maxAckPending: 1_000,
        },
        prefetch: 200,
        take: (message) => this.#take(message),
        signal: this.#stopped.signal,
      }),
    );
  }

  /** Takes no more, and lets what is in hand come to its end. */
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
      this.#inHand.add(message);
      try {
        await this.#settle(message, raw);
      } catch {
        // Nothing was acknowledged, so JetStream delivers it again; a rejection here would end the consumption.
      } finally {
        this.#inHand.delete(message);
      }
    });
  }

  async #settle(message: JsMsg, raw: RawMessage): Promise<void> {
    const { retry } = this.options;
    const hear = this.#handlers.get(raw.subject);
    // A subject dropped from the code but still in the durable consumer of an older process.
    if (!hear) return message.ack();
    const outcome = await deliver(raw, hear, retry, this.#stopped.signal);
    const tries = message.info.deliveryCount;
    countHandled(raw.subject, outcome.kind);
    const settlement = settlementOf(outcome.kind, tries, retry);
    if (settlement.is === 'nak') return message.nak(settlement.afterMs);
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
    const reason = codeOf(error) ?? (outcome.kind === 'hopeless' ? 'payload.unreadable' : 'handler.failed');
    const park = async () => {
      await parkMessage(this.pool!, { direction: 'in', ...raw, reason, error, tries });
      return 'parked';
    };
    // While the database is unreachable: dropping the message would lose it.
    const parked = await retryUntilDone(park, { signal: this.#stopped.signal, backoff: outageBackoff });
    if (parked) message.ack();
    else message.nak();
  }
}

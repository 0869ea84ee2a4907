import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { contractOf, decode, type ContractClass } from '@isthmus/contracts';
import type { JsMsg } from '@nats-io/jetstream';
import { SpanKind } from '@opentelemetry/api';
import { Pool } from 'pg';
import { MessagingOptions } from '../messaging-options.ts';
import { plainHeaders } from '../nats/cloud-event.ts';
import { NatsConnection } from '../nats/nats-connection.ts';
import { workStream } from '../nats/stream-definition.ts';
import { attributes } from '../telemetry/names.ts';
import { inSpanOf } from '../telemetry/spans.ts';
import { codeOf } from './code-of.ts';
import { takeForEver } from './take-for-ever.ts';
import { parkMessage } from './park-message.ts';

/** What a worker has in its hands beside the item's data. */
export interface WorkItem {
  /** Says that the item is still being worked on; to be called more often than `ackWaitMs`. */
  working(): void;
  /** Aborted when the worker is to stop; what is not done by then goes to another. */
  signal: AbortSignal;
  /** 1 for the first delivery. */
  deliveryCount: number;
}

export interface WorkOptions {
  /** Items at a time in this process. */
  concurrency: number;
  /** A worker silent for so long is taken for dead, and its item goes to another. */
  ackWaitMs: number;
  /** An item that failed so often is parked. Default 20. */
  maxDeliveries?: number;
}

export type Stop = () => Promise<void>;

const delaysMs = [1_000, 2_000, 5_000, 15_000, 60_000];

/** The service's own work, shared out among its workers. */
@Injectable()
export class WorkQueue implements BeforeApplicationShutdown {
  readonly #stops = new Set<Stop>();

  constructor(
    private readonly nats: NatsConnection,
    private readonly options: MessagingOptions,
    private readonly pool: Pool,
  ) {}

  /** Takes items until stopped. A handler that throws gets its item again, later and later. */
  async consume<T extends object>(
    contract: ContractClass<T>,
    work: WorkOptions,
    handler: (data: T, item: WorkItem) => Promise<void>,
  ): Promise<Stop> {
    const { subject } = contractOf(contract);
    const stopped = new AbortController();
    const stream = workStream(this.options.service, this.options.streamReplicas);
    const loops = Array.from({ length: work.concurrency }, () =>
      takeForEver({
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
    const facts = { [attributes.destination]: message.subject, [attributes.deliveryCount]: deliveryCount };
    try {
      const data = decode(contract, message.json());
      await inSpanOf(headers.traceparent, `work ${message.subject}`, SpanKind.CONSUMER, facts, () =>
        handler(data, { working: () => message.working(), signal, deliveryCount }),
      );
      message.ack();
    } catch (error) {
      const code = codeOf(error) ?? 'work.failed';
      if (code !== 'contract.violated' && !(error instanceof SyntaxError) && deliveryCount < maxDeliveries) {
        // At once when this worker only stops, so that another need not wait.
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

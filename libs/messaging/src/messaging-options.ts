import type { NatsAccess } from './nats/nats-access.ts';

/** How failed deliveries are retried. */
export interface RetryPolicy {
  /** Pauses before the retries within one delivery; the aggregate's other events wait meanwhile. */
  localDelaysMs: readonly number[];
  /** Pauses between deliveries; the last one repeats. */
  redeliveryDelaysMs: readonly number[];
  /** A message that failed in this many deliveries is parked. */
  maxDeliveries: number;
}

export interface MessagingSettings {
  /** The service's name: producer of its events and name of its consumers. */
  service: string;
  natsUrl: string;
  /** Credentials and certificates for it. */
  natsAccess?: NatsAccess;
  /** Name of the consumers and of the inbox, if one service has several programs that consume different events. */
  consumer?: string;
  /** False for a service without a database: it can send and serve requests, but neither publish nor consume events. Default true. */
  database?: boolean;
  /** How long outbox rows are kept after publishing. Default 7. */
  keepOutboxDays?: number;
  /** How many messages are handled in parallel. Default 16. */
  concurrency?: number;
  retry?: RetryPolicy;
  /** How often streams are compared with what was published. Default 20 s. */
  watchdogMs?: number;
  /** How often the relay reads the outbox when no notification comes. Default 500 ms. */
  pollMs?: number;
}

/** The settings with every default filled in, as a token for dependency injection. */
export class MessagingOptions {
  readonly service: string;
  readonly natsUrl: string;
  readonly natsAccess: NatsAccess;
  readonly consumer: string;
  readonly streamReplicas: number;
  readonly keepOutboxDays: number;
  readonly concurrency: number;
  readonly retry: RetryPolicy;
  readonly watchdogMs: number;
  readonly pollMs: number;

  constructor(settings: MessagingSettings) {
    this.service = settings.service;
    this.natsUrl = settings.natsUrl;
    this.natsAccess = settings.natsAccess ?? {};
    this.consumer = settings.consumer ?? settings.service;
    this.streamReplicas = settings.natsAccess?.replicas ?? 1;
    this.keepOutboxDays = settings.keepOutboxDays ?? 7;
    this.concurrency = settings.concurrency ?? 16;
    this.retry = settings.retry ?? {
      localDelaysMs: [50, 250],
      redeliveryDelaysMs: [500, 2_000, 8_000, 30_000],
      maxDeliveries: 5,
    };
    this.watchdogMs = settings.watchdogMs ?? 20_000;
    this.pollMs = settings.pollMs ?? 500;
  }
}

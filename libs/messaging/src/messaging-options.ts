import type { NatsKey } from './nats/nats-key.ts';

/** Retries of failed deliveries. */
export interface RetryPolicy {
  /** Pauses before the retries within one delivery; the aggregate's other events wait meanwhile. */
  localDelaysMs: readonly number[];
  /** Pauses between deliveries; the last one repeats. */
  redeliveryDelaysMs: readonly number[];
  /** A message that failed in this many deliveries is parked. */
  maxDeliveries: number;
}

/** How a service separates tenants in its database, for whose rows messages are handled. */
export interface TenantScopes {
  /** Runs `work` for one tenant: that of the message or request. */
  within<T>(tenantId: string, work: () => T): T;
  /** Runs one of the few jobs that concern all tenants. */
  across<T>(job: 'park a message' | 'relay the outbox', work: () => T): T;
  /** The role that the relay's connection assumes. */
  crossTenantRole?: string;
}

/** For a database without tenant separation. */
const noScopes: TenantScopes = { within: (_, work) => work(), across: (_, work) => work() };

export interface MessagingSettings {
  /** The service's name: producer of its events and name of its consumers. */
  service: string;
  natsUrl: string;
  /** The service's key; absent for a server that lets anybody in. */
  natsKey?: NatsKey;
  /** Name of the consumers and of the inbox, if one service has several programs that consume different events. */
  consumer?: string;
  /** False for a service without a database: it can send and serve requests, but neither publish nor consume events. Default true. */
  database?: boolean;
  /** If absent, tenants are not separated. */
  tenants?: TenantScopes;
  /** JetStream replicas of each stream. Default 1. */
  streamReplicas?: number;
  /** Number of days that outbox rows are retained after publishing. Default 7. */
  keepOutboxDays?: number;
  /** Maximum number of messages handled in parallel. Default 16. */
  concurrency?: number;
  retry?: RetryPolicy;
  /** Interval at which streams are compared with the published events. Default 20 s. */
  watchdogMs?: number;
  /** Interval at which the relay reads the outbox if there is no notification. Default 500 ms. */
  pollMs?: number;
}

/** The settings with every default filled in, as a token for dependency injection. */
export class MessagingOptions {
  readonly service: string;
  readonly natsUrl: string;
  readonly natsKey?: NatsKey;
  readonly consumer: string;
  readonly tenants: TenantScopes;
  readonly streamReplicas: number;
  readonly keepOutboxDays: number;
  readonly concurrency: number;
  readonly retry: RetryPolicy;
  readonly watchdogMs: number;
  readonly pollMs: number;

  constructor(settings: MessagingSettings) {
    this.service = settings.service;
    this.natsUrl = settings.natsUrl;
    this.natsKey = settings.natsKey;
    this.consumer = settings.consumer ?? settings.service;
    this.tenants = settings.tenants ?? noScopes;
    this.streamReplicas = settings.streamReplicas ?? 1;
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

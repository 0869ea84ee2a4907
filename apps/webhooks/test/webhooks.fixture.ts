import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { contractOf, nameOf, ProviderSubscriptionChangedV1, type ContractClass } from '@isthmus/contracts';
import { emitMany, JetStreamServer, Message, messagingTablesSql, type NewEvent } from '@isthmus/messaging';
import { createService, ServiceEnv, type RunningService } from '@isthmus/service-kit';
import {
  compareWithDocument,
  keyRing,
  serviceDatabase,
  standIn,
  startNats,
  testIssuer,
  type TokenClaims,
} from '@isthmus/testing';
import { Migration } from '@mikro-orm/migrations';
import { Module } from '@nestjs/common';
import { Pool } from 'pg';
import type { WebhooksEnv } from '../src/config.ts';
import { webhooksOptions } from '../src/webhooks.module.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- expectations check what is in it
export type Json = any;

export interface HttpResponse<T = Json> {
  status: number;
  headers: Headers;
  body: T;
}

export interface RunningWebhooks {
  service: RunningService<WebhooksEnv>;
  pool: Pool;
  tenantId: string;
  call(method: string, path: string, body?: Json, as?: TokenClaims, headers?: object): Promise<HttpResponse>;
  /** An answer that may be a stream. */
  open(path: string, init?: { headers?: Record<string, string>; signal?: AbortSignal }): Promise<Response>;
  endpoint(url: string, more?: Json): Promise<Json>;
  /** Publishes events as another service does. */
  publish(...events: NewEvent[]): Promise<void>;
  /** Hands an event to its handler as a repeated delivery would, past what JetStream recognises by itself. */
  deliver(event: NewEvent): Promise<void>;
  /** Another process of the service, in this one. */
  replica(env?: Record<string, string>): Promise<RunningService<WebhooksEnv>>;
  stop(): Promise<void>;
}

class MessagingTables extends Migration {
  override up(): void {
    for (const sql of messagingTablesSql) this.addSql(sql);
  }
}

@Module({})
class NothingElse {}

/**
 * The whole service in this process with separate servers, and another service that publishes the events of the test.
 * @param postgres the server of its database, for tests that stop it
 */
export async function runWebhooks(
  env: Record<string, string> = {},
  postgres?: string,
): Promise<RunningWebhooks> {
  const nats = await startNats();
  const publishing = {
    service: 'account-sync',
    module: NothingElse,
    config: ServiceEnv,
    database: { entities: [], migrations: [MessagingTables] },
  };
  const databases = [
    await serviceDatabase(webhooksOptions, postgres),
    await serviceDatabase(publishing),
  ] as const;
  const issuer = await testIssuer();
  const shared = { ...issuer.env, NATS_URL: nats.url, LOG_LEVEL: 'silent', PORT: '0' };
  const settings = {
    ...shared,
    WEBHOOK_SECRET_RING: keyRing('k1'),
    ...databases[0].env,
    ALLOW_PRIVATE_ADDRESSES: 'yes',
    WEBHOOK_POLL_MS: '20',
    ...env,
  };
  const service = await createService(webhooksOptions, settings);
  const url = await service.listen();
  compareWithDocument(url, 'webhooks');
  const publisher = await createService(
    { ...publishing, http: 'health-only' },
    { ...shared, ...(await standIn(nats.url)), ...databases[1].env },
  );
  await publisher.listen();
  const pool = new Pool({ connectionString: databases[0].url });
  const tenantId = randomUUID();
  const replicas: RunningService[] = [];

  const webhooks: RunningWebhooks = {
    service,
    pool,
    tenantId,
    async call(method, path, body, as, headers) {
      const token = await issuer.token({ tenant: tenantId, ...as });
      const response = await fetch(new URL(path, url), {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body && JSON.stringify(body),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text ? JSON.parse(text) : undefined,
      };
    },
    async open(path, { headers, ...init } = {}) {
      const token = await issuer.token({ tenant: tenantId });
      return fetch(new URL(path, url), {
        ...init,
        headers: { authorization: `Bearer ${token}`, ...headers },
      });
    },
    async endpoint(to, more) {
      const { status, body } = await webhooks.call('POST', '/v1/webhook-endpoints', { url: to, ...more });
      if (status !== 201) throw new Error(`The endpoint was not made: ${JSON.stringify(body)}`);
      return body;
    },
    async publish(...events) {
      const client = await publisher.get(Pool).connect();
      await client.query('begin');
      await emitMany(client, events);
      await client.query('commit');
      client.release();
    },
    async deliver({ id, type, tenantId: tenant, ...event }) {
      const handle = service.get(JetStreamServer).handlerFor(type);
      const { aggregateId, aggregateVersion, correlationId, time, data } = event;
      const envelope = { id, subject: aggregateId, tenantId: tenant, correlationId, aggregateVersion };
      await handle(data, new Message(type, { ...envelope, time: time.toISOString() }));
    },
    async replica(more) {
      const other = await createService(webhooksOptions, { ...settings, ...more });
      compareWithDocument(await other.listen(), 'webhooks');
      replicas.push(other);
      return other;
    },
    async stop() {
      await pool.end();
      await Promise.all([publisher, service, ...replicas].map((one) => one.close()));
      await Promise.all(databases.map((one) => one.drop()));
      await issuer.close();
      await nats.stop();
    },
  };
  return webhooks;
}

/** An event of any contract, as its producer would publish it. */
export function newEvent(
  contract: ContractClass,
  data: object,
  tenantId: string,
  more: Partial<NewEvent> = {},
): NewEvent {
  const id = randomUUID();
  return {
    id,
    type: nameOf(contractOf(contract)),
    aggregateId: randomUUID(),
    aggregateVersion: 1,
    tenantId,
    correlationId: id,
    traceparent: null,
    time: new Date(),
    data,
    ...more,
  };
}

/** A change of a subscription. */
export function subscriptionChanged(tenantId: string, subscription: string, version: number): NewEvent {
  const data = {
    connectorId: '6f1d0c9e-3c43-4f0e-9c55-0d9a4e1a7b10',
    providerSubscriptionId: subscription,
    name: `version ${version}`,
  };
  const more = { aggregateId: subscription, aggregateVersion: version };
  return newEvent(ProviderSubscriptionChangedV1, { ...subscriptionFixture(), ...data }, tenantId, more);
}

const subscriptionFixture = () => readFixture('account-sync.provider-subscription-changed.v1');

/** The golden example of an event. */
export function readFixture(subject: string): Json {
  return JSON.parse(
    readFileSync(new URL(`../../../libs/contracts/fixtures/${subject}.json`, import.meta.url), 'utf8'),
  );
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { eventContracts, type RequestClass } from '@isthmus/contracts';
import type { MessagingOptions, RequestOptions } from '@isthmus/messaging';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { operator } from '../servers/index.mjs';

/** Guards against hanging; tests must not depend on the speed of the machine. */
const timeLimitMs = 180_000;

/**
 * Repeats `probe` until it neither throws nor returns undefined or false, and returns its value. Throws with the last error as
 * its cause if that does not happen in time.
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { withinMs = timeLimitMs, everyMs = 25 } = {},
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + withinMs;
  let last: unknown = new Error('condition never became true');
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`not within ${withinMs / 1000} s`, { cause: last });
    await sleep(everyMs);
  }
}

/** Connects to NATS as a user of whose key there is a file in the folder; without a folder, to a server that lets anybody in. */
export async function connectNats(
  servers: string,
  { user = operator, keys = process.env.TEST_NATS_KEYS, ...more }: ConnectionOptions & NatsUser = {},
): Promise<NatsConnection> {
  const seed = keys ? await readFile(join(keys, `${user}.nk`)) : undefined;
  return connect({ servers, ...(seed && { authenticator: nkeyAuthenticator(seed) }), ...more });
}

/**
 * What a service that stands in for several others has beside its environment: the key of a user who may do everything. The
 * streams of all services are there afterwards, as no single service creates more than its own.
 */
export async function standIn(
  natsUrl: string,
  keys = process.env.TEST_NATS_KEYS,
): Promise<Record<string, string>> {
  const nats = await connectNats(natsUrl, { keys });
  const manager = await jetstreamManager(nats);
  for (const producer of new Set(eventContracts().map(({ producer }) => producer))) {
    const name = producer.toUpperCase().replaceAll('-', '_');
    // Its own service may create it first, also between these two requests.
    await manager.streams
      .info(name)
      .catch(() => manager.streams.add({ name, subjects: [`${producer}.>`] }))
      .catch(() => manager.streams.info(name));
  }
  await nats.close();
  return keys ? { NATS_NKEY_SEED_FILE: join(keys, `${operator}.nk`) } : {};
}

/** Sends requests to a service as a user who may send any, over a connection of their own each: as one service or another would. */
export const requestsTo = (service: { get(token: typeof MessagingOptions): MessagingOptions }) => ({
  async request<Q extends object, A extends object>(
    contract: RequestClass<Q, A>,
    request: Q,
    options?: RequestOptions,
  ): Promise<A> {
    const messaging = await import('@isthmus/messaging');
    const { natsUrl } = service.get(messaging.MessagingOptions);
    const key = messaging.NatsKey.ofEnvironment(
      { NATS_NKEY_SEED_FILE: process.env.NATS_NKEY_SEED_FILE },
      operator,
    );
    const settings = new messaging.MessagingOptions({ service: operator, natsUrl });
    const nats = new messaging.NatsConnection(natsUrl, operator, key);
    try {
      return await new messaging.RequestClient(nats, settings).request(contract, request, options);
    } finally {
      await nats.close();
    }
  },
});

interface NatsUser {
  /** A service, or `programs/<tenant>/<program>`. Default: the operator, who may do everything. */
  user?: string;
  /** The folder; that of the test run unless specified. */
  keys?: string;
}

export interface RecordedEvent<T = Record<string, unknown>> {
  subject: string;
  /** The CloudEvents type. */
  type: string;
  tenantId: string;
  /** Id of what the event is about. */
  aggregateId: string;
  traceparent: string;
  data: T;
}

export interface EventProbe {
  events: RecordedEvent[];
  of<T = Record<string, unknown>>(type: string): RecordedEvent<T>[];
  close(): Promise<void>;
}

/** Records every event published from now on, of every tenant: as the operator. */
export async function eventProbe(natsUrl: string): Promise<EventProbe> {
  const nats = await connectNats(natsUrl);
  const events: RecordedEvent[] = [];
  for (const producer of ['connector-config', 'account-sync', 'product-catalog', 'subscription-lifecycle']) {
    nats.subscribe(`${producer}.>`, {
      callback: (error, message) => {
        if (error) throw error;
        const header = (name: string) => message.headers?.get(name) ?? '';
        events.push({
          subject: message.subject,
          type: header('ce-type'),
          tenantId: header('ce-tenantid'),
          aggregateId: header('ce-subject'),
          traceparent: header('traceparent'),
          data: message.json(),
        });
      },
    });
  }
  await nats.flush();
  return {
    events,
    of: <T>(type: string) => events.filter((event) => event.type === type) as RecordedEvent<T>[],
    close: () => nats.close(),
  };
}

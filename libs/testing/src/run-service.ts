import { createHash, randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import type { NewEvent } from '@isthmus/messaging';
import type { RunningService, ServiceEnv, ServiceOptions } from '@isthmus/service-kit';
import type { Type } from '@nestjs/common';
import { Pool, type QueryResultRow } from 'pg';
import { compareWithDocument } from './api-conformance.ts';
import {
  type FreshDatabase,
  freshDatabase,
  migratedDatabase,
  startNats,
  testIssuer,
  type TestIssuer,
  type TokenClaims,
} from './test-environment.ts';

/*
 * A service in the process of an int spec, on servers of its own:
 *
 *   const webhooks = await runService(webhooksOptions, { env: { WEBHOOK_POLL_MS: '20' } });
 *   await webhooks.call('POST', '/v1/webhook-endpoints', { body: { url } });
 *   await webhooks.stop();
 *
 * Several on one platform reach each other over NATS:
 *
 *   const platform = await startPlatform();
 *   const accounts = await runFakeService('account-sync', { platform, controllers: [Accounts] });
 *   const catalog = await runService(productCatalogOptions, { platform });
 *   …
 *   await catalog.stop(), await accounts.stop(), await platform.stop();
 *
 * The kit and messaging are loaded when they are first needed, so that specs which only want a database do not pay for them.
 */

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what is in it is for the expectations to say
export type Json = any;
type Env = Readonly<Record<string, string | undefined>>;

/** What related services share: NATS, an issuer of tokens, a key ring. */
export interface TestPlatform {
  issuer: TestIssuer;
  natsUrl: string;
  /** What every service needs of it in its environment. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

/**
 * @param nats address of a NATS to use; the platform's own server if absent. Services that share one also share requests:
 * each copy of a service takes some of them.
 */
export async function startPlatform({ nats }: { nats?: string } = {}): Promise<TestPlatform> {
  const [server, issuer] = await Promise.all([nats === undefined ? startNats() : undefined, testIssuer()]);
  const natsUrl = nats ?? server!.url;
  return {
    issuer,
    natsUrl,
    env: {
      ...issuer.env,
      NATS_URL: natsUrl,
      SECRET_RING: keyRing('k1'),
      WEBHOOK_SECRET_RING: keyRing('k1'),
      LOG_LEVEL: 'silent',
      PORT: '0',
    },
    stop: async () => {
      await issuer.close();
      await server?.stop();
    },
  };
}

/** SECRET_RING with keys that depend on nothing but their ids; the last one is current. */
export function keyRing(...ids: string[]): string {
  const keys = Object.fromEntries(ids.map((id) => [id, Buffer.alloc(32, id).toString('base64')]));
  return JSON.stringify({ current: ids.at(-1), keys });
}

export interface Reply<T = Json> {
  status: number;
  headers: Headers;
  /** Parsed JSON; undefined for anything else. */
  body: T;
  text: string;
}

export interface CallOptions {
  /** Sent as JSON; a text or bytes are sent unchanged. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Claims of the token; an admin of the spec's tenant by default. `null` sends none. */
  as?: TokenClaims | null;
}

export interface OutboxEvent {
  type: string;
  data: Json;
  aggregateId: string;
  version: number;
  tenantId: string;
}

export interface TestService<E extends ServiceEnv = ServiceEnv> {
  service: RunningService<E>;
  platform: TestPlatform;
  url: string;
  /** The service's own database. */
  pool: Pool;
  /** Environment of the service, for starting something else next to it. */
  env: Env;
  /** For tokens that specify no other. */
  tenantId: string;
  token(claims?: TokenClaims): Promise<string>;
  call<T = Json>(method: string, path: string, options?: CallOptions): Promise<Reply<T>>;
  /** Everything logged so far, at LOG_LEVEL. */
  log(): string;
  /** Inserts a row, with columns as named, and returns its first value. */
  insert(table: string, row: Record<string, unknown>): Promise<string>;
  rows<T extends QueryResultRow = Json>(sql: string, values?: unknown[]): Promise<T[]>;
  /** The first row. */
  one<T extends QueryResultRow = Json>(sql: string, values?: unknown[]): Promise<T>;
  /** What was written to the outbox since the last call, in order. */
  events(): Promise<OutboxEvent[]>;
  /** Publishes events through the service's outbox. */
  emit(...events: NewEvent[]): Promise<void>;
  /** Another process of the service, in this one; it ends with the service. */
  replica(env?: Env): Promise<RunningService<E>>;
  stop(): Promise<void>;
}

export interface RunOptions {
  /** Takes precedence over the platform's. */
  env?: Env;
  /** One that others use as well; by default its own, which ends with the service. */
  platform?: TestPlatform;
  /** PostgreSQL server on which to create the database, for specs that stop theirs; the test run's by default. */
  postgres?: string;
  tenantId?: string;
}

/** Starts a service with a new, migrated database; if the start fails, nothing of it is left running. */
export async function runService<E extends ServiceEnv>(
  options: ServiceOptions<E>,
  { env: own = {}, platform: given, postgres, tenantId = randomUUID() }: RunOptions = {},
): Promise<TestService<E>> {
  const { createService } = await import('@isthmus/service-kit');
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (let end = ends.pop(); end; end = ends.pop()) await end();
  };
  try {
    const platform = given ?? (await startPlatform());
    if (!given) ends.push(() => platform.stop());
    const database = await serviceDatabase(options, postgres);
    ends.push(() => database.drop());
    const env: Env = { ...platform.env, ...database.env, ...own };
    const lines: string[] = [];
    const logTo = new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) });
    // The superuser sees everything; rows that get the tenant of their transaction get this one.
    const pool = new Pool({ connectionString: database.url, options: `-c isthmus.tenant=${tenantId}` });
    // The pool reports that it has ended before its connections have, and the database is dropped under the last of them.
    pool.on('error', () => undefined);
    const start = async (more: Env): Promise<RunningService<E>> => {
      const service = await createService(options, { ...env, ...more }, { logTo });
      ends.push(() => service.close());
      return service;
    };
    const service = await start({});
    ends.push(() => pool.end());
    const url = await service.listen();
    // One without a title is a spec's own, under the name of a real service.
    const compared = (address: string) => options.title && compareWithDocument(address, options.service);
    compared(url);
    const token = (claims: TokenClaims = {}) => platform.issuer.token({ tenant: tenantId, ...claims });
    return {
      ...accessTo(pool),
      service,
      platform,
      url,
      env,
      tenantId,
      token,
      call: async (method, path, { body, headers, as } = {}) =>
        send(method, new URL(path, url), body, {
          ...(as === null ? {} : { authorization: `Bearer ${await token(as)}` }),
          ...headers,
        }),
      log: () => lines.join(''),
      replica: async (more = {}) => {
        const other = await start(more);
        compared(await other.listen());
        return other;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * A new database as the service's migrations leave it. They run once in a test run; the others are copies.
 * @param server PostgreSQL server on which to create it; the test run's by default
 */
export async function serviceDatabase<E extends ServiceEnv>(
  options: Pick<ServiceOptions<E>, 'service' | 'config' | 'database'>,
  server?: string,
): Promise<FreshDatabase> {
  const { service, database } = options;
  if (!database) return freshDatabase(service, server);
  // A stand-in has the name of the service that it stands in for, and other tables.
  const tables = createHash('sha256').update(database.migrations.join()).digest('hex').slice(0, 8);
  const migrate = async ({ env }: FreshDatabase): Promise<void> => {
    const { migrateDatabase } = await import('@isthmus/service-kit');
    await migrateDatabase(options, env);
  };
  return migratedDatabase(`${service}_${tables}`, migrate, server);
}

export interface NeighbourOptions extends RunOptions {
  /** They respond to the requests of the service under test. */
  controllers?: Type[];
}

/** Stands in for another service: it publishes events as that service, through a real outbox, and responds to requests. */
export async function runFakeService(
  service: string,
  { controllers = [], ...more }: NeighbourOptions = {},
): Promise<TestService> {
  const [{ ServiceEnv }, { messagingTablesSql }, { Migration }] = await Promise.all([
    import('@isthmus/service-kit'),
    import('@isthmus/messaging'),
    import('@mikro-orm/migrations'),
  ]);
  class OnlyMessaging extends Migration {
    override up(): void {
      for (const sql of messagingTablesSql) this.addSql(sql);
    }
  }
  class Neighbour {}
  const options: ServiceOptions = {
    service,
    module: () => ({ module: Neighbour, controllers }),
    config: ServiceEnv,
    database: { entities: [], migrations: [OnlyMessaging] },
    http: 'health-only',
  };
  return runService(options, more);
}

/** `urn:isthmus:problem:<code>` as `<code>`, and the fields that the problem concerns, each once. */
export function problemIn({ status, body }: Pick<Reply, 'status' | 'body'>): {
  status: number;
  code: string;
  fields?: string[];
} {
  const errors = body?.errors as { field: string }[] | undefined;
  const fields = errors && [...new Set(errors.map(({ field }) => field))];
  return { status, code: String(body?.type).replace('urn:isthmus:problem:', ''), ...(fields && { fields }) };
}

export async function send(
  method: string,
  url: URL | string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    body: body === undefined || raw ? (body as string | undefined) : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  };
}

function accessTo(pool: Pool): Pick<TestService, 'pool' | 'insert' | 'rows' | 'one' | 'events' | 'emit'> {
  let position = '0';
  const rows = async <T extends QueryResultRow>(sql: string, values?: unknown[]): Promise<T[]> =>
    (await pool.query<T>(sql, values)).rows;
  return {
    pool,
    rows,
    one: async (sql, values) => (await rows(sql, values))[0] as never,
    insert: async (table, row) => {
      const names = Object.keys(row);
      const places = names.map((_, index) => `$${index + 1}`);
      await rows(
        `insert into ${table} (${names.join(', ')}) values (${places.join(', ')})`,
        Object.values(row),
      );
      return String(Object.values(row)[0]);
    },
    events: async () => {
      const written = await rows<OutboxEvent & { position: string }>(
        `select position::text, type, data, aggregate_id as "aggregateId", aggregate_version::int as version,
                tenant_id as "tenantId"
         from outbox where position > $1 order by outbox.position`,
        [position],
      );
      position = written.at(-1)?.position ?? position;
      return written.map(({ position: _, ...event }) => event);
    },
    emit: async (...events) => {
      const [{ inTransaction }, { emitMany }] = await Promise.all([
        import('@isthmus/service-kit'),
        import('@isthmus/messaging'),
      ]);
      await inTransaction(pool, (client) => emitMany(client, events));
    },
  };
}

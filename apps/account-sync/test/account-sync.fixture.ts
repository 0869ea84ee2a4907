import { randomUUID } from 'node:crypto';
import { createService, type RunningService } from '@isthmus/service-kit';
import { compareWithDocument, serviceDatabase, testIssuer, type TokenClaims } from '@isthmus/testing';
import { Client, Pool } from 'pg';
import { accountSyncOptions } from '../src/account-sync.module.ts';
import type { AccountSyncEnv } from '../src/config.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what is in it is for the expectations to say
export type Json = any;

export interface ApiResponse<T = Json> {
  status: number;
  headers: Headers;
  body: T;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** Default: an admin of the fixture's tenant. */
  as?: TokenClaims;
}

/** The API in this process with a separate database and the test run's NATS. */
export interface RunningAccountSync {
  service: RunningService<AccountSyncEnv>;
  /** For another process of the service. */
  databaseEnv: Record<string, string>;
  pool: Pool;
  tenantId: string;
  token(claims?: TokenClaims): Promise<string>;
  call<T = Json>(method: string, path: string, options?: CallOptions): Promise<ApiResponse<T>>;
  /** Inserts a row, with columns as named, and returns its id. */
  insert(table: string, row: Record<string, unknown>): Promise<string>;
  connector(more?: Record<string, unknown>): Promise<string>;
  account(connectorId: string, more?: Record<string, unknown>): Promise<string>;
  subscription(
    connectorId: string,
    providerAccountId: string,
    more?: Record<string, unknown>,
  ): Promise<string>;
  run(connectorId: string, more?: Record<string, unknown>): Promise<string>;
  /** Subjects and data of the outbox since the last call, in order. */
  publishedEvents(): Promise<{ subject: string; data: Json; version: number; tenantId: string }[]>;
  /** How many times workers have been notified of a due run since the last call. */
  dueRunsAnnounced(): Promise<number>;
  one<T = Json>(sql: string, values?: unknown[]): Promise<T>;
  stop(): Promise<void>;
}

export async function runAccountSync(env: Record<string, string> = {}): Promise<RunningAccountSync> {
  const fresh = await serviceDatabase(accountSyncOptions);
  const issuer = await testIssuer();
  const service = await createService(accountSyncOptions, {
    ...issuer.env,
    ...fresh.env,
    NATS_URL: process.env.TEST_NATS_URL,
    PORT: '0',
    LOG_LEVEL: 'silent',
    PROGRESS_POLL_MS: '50',
    ...env,
  });
  const url = await service.listen();
  compareWithDocument(url, 'account-sync');
  const tenantId = randomUUID();
  // The superuser sees everything; rows that get the tenant of their transaction get this one.
  const pool = new Pool({ connectionString: fresh.url, options: `-c isthmus.tenant=${tenantId}` });
  const announcements = await listenToDueRuns(fresh.url);
  const token = (claims: TokenClaims = {}) => issuer.token({ tenant: tenantId, ...claims });
  let position = 0;

  const insert: RunningAccountSync['insert'] = async (table, row) => {
    const names = Object.keys(row);
    const places = names.map((_, index) => `$${index + 1}`);
    await pool.query(
      `insert into ${table} (${names.join(', ')}) values (${places.join(', ')})`,
      Object.values(row),
    );
    return String(row.id ?? row.connector_id);
  };
  const mirrored = () => ({
    id: randomUUID(),
    tenant_id: tenantId,
    hash: randomUUID(),
    read_at: '2026-01-01T00:00:00Z',
  });

  return {
    service,
    databaseEnv: { ...issuer.env, ...fresh.env },
    pool,
    tenantId,
    token,
    insert,
    async call(method, path, { body, headers, as } = {}) {
      const json = body === undefined ? {} : { 'content-type': 'application/json' };
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${await token(as)}`, ...json, ...headers },
        body:
          body === undefined || typeof body === 'string'
            ? (body as string | undefined)
            : JSON.stringify(body),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body:
          text && /json/.test(response.headers.get('content-type') ?? '')
            ? JSON.parse(text)
            : text || undefined,
      };
    },
    connector: (more = {}) =>
      insert('connectors', {
        connector_id: randomUUID(),
        tenant_id: tenantId,
        name: 'Ingram US',
        currency: 'USD',
        status: 'active',
        schedule: JSON.stringify({ tickMinutes: 0, sweepMinutes: 0, accountsMinutes: 0 }),
        version: 1,
        ...more,
      }),
    account: (connectorId, more = {}) =>
      insert('provider_accounts', {
        ...mirrored(),
        connector_id: connectorId,
        cmp_id: `c-${randomUUID().slice(0, 8)}`,
        name: 'Contoso Ltd',
        status: 'active',
        ...more,
      }),
    subscription: (connectorId, providerAccountId, more = {}) =>
      insert('provider_subscriptions', {
        ...mirrored(),
        connector_id: connectorId,
        provider_account_id: providerAccountId,
        cmp_id: `s-${randomUUID().slice(0, 8)}`,
        cmp_account_id: 'c-1',
        name: 'Microsoft 365 Business Basic',
        status: 'active',
        ...more,
      }),
    run: (connectorId, more = {}) =>
      insert('sync_runs', {
        id: randomUUID(),
        tenant_id: tenantId,
        connector_id: connectorId,
        scope: 'subscriptions',
        depth: 'full',
        trigger: 'schedule',
        requested_by: 'schedule',
        status: 'succeeded',
        counts: JSON.stringify({ read: 0 }),
        enqueued_at: new Date(),
        created_at: new Date(),
        ...more,
      }),
    async publishedEvents() {
      const { rows } = await pool.query(
        `select position, type as subject, data, aggregate_version::int as version, tenant_id as "tenantId" from outbox
         where position > $1 order by position`,
        [position],
      );
      position = rows.at(-1)?.position ?? position;
      return rows.map(({ position: _, ...row }) => row);
    },
    dueRunsAnnounced: () => announcements.sinceLast(),
    one: async (sql, values) => (await pool.query(sql, values)).rows[0],
    async stop() {
      await announcements.stop();
      await pool.end();
      await service.close();
      await issuer.close();
      await fresh.drop();
    },
  };
}

/** Notifications arrive in the order of commits: when our own has arrived, all previous ones have too. */
async function listenToDueRuns(connectionString: string) {
  const client = new Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('listen sync_runs_due');
  let count = 0;
  const marks = new Map<string, () => void>();
  client.on('notification', ({ payload = '' }) => {
    if (payload) marks.get(payload)?.();
    else count += 1;
  });
  return {
    async sinceLast(): Promise<number> {
      const mark = randomUUID();
      const arrived = new Promise<void>((resolve) => marks.set(mark, resolve));
      await client.query('select pg_notify($1, $2)', ['sync_runs_due', mark]);
      await arrived;
      const found = count;
      count = 0;
      return found;
    },
    stop: () => client.end(),
  };
}

/** `urn:isthmus:problem:<code>` → `<code>`, and the fields it names, each once. */
export const problemOf = ({ status, body }: ApiResponse) => ({
  status,
  code: String(body?.type).replace('urn:isthmus:problem:', ''),
  fields: body?.errors && [...new Set((body.errors as { field: string }[]).map(({ field }) => field))],
});

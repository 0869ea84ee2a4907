import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { eventContract, decode } from '@isthmus/contracts';
import { createService, type RunningService } from '@isthmus/service-kit';
import { compareWithDocument, serviceDatabase, startNats, testIssuer } from '@isthmus/testing';
import { Client } from 'pg';
import { ConnectorConfigEnv } from '../src/config.ts';
import { connectorConfig } from '../src/connector-config.module.ts';
import { startNeighbours } from './neighbours.fixture.ts';

export interface Reply {
  status: number;
  headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a test expects says what it is
  body: any;
}

export interface Caller {
  (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  tenantId: string;
  subject: string;
}

/** Time for a service and its servers to start on a busy machine. */
export const startMs = 30_000;

export const secrets = {
  password: 'Pa55-word-of-a-test',
  subscriptionKey: 'feedfacefeedfacefeedfacefeedface',
};

/** A good body of `POST /v1/connectors`; every call another name. */
export const goodConnector = (more: object = {}) => ({
  name: `Connector ${randomUUID()}`,
  username: 'isthmus-us.api',
  apiUrl: 'https://api.cloud.im/marketplace/na/',
  accountId: '1000001',
  country: 'US',
  currency: 'USD',
  ...secrets,
  ...more,
});

/**
 * The real service on a database and a NATS of its own, with its log and its answers kept for inspection. Sharing a NATS
 * with other specs would share the questions too: every copy of a service answers some of them.
 */
export async function startConnectorConfig(env: Record<string, string> = {}) {
  const database = await serviceDatabase(connectorConfig);
  const [nats, issuer] = await Promise.all([startNats(), testIssuer()]);
  const neighbours = await startNeighbours({
    ...issuer.env,
    NATS_URL: nats.url,
    ...database.env,
  });
  const output: string[] = [];
  const logTo = new Writable({
    write(chunk, _, done) {
      output.push(String(chunk));
      done();
    },
  });
  const settings = {
    PORT: '0',
    ...database.env,
    NATS_URL: nats.url,
    ...issuer.env,
    SECRET_RING: ringOf('k1'),
    LOG_LEVEL: 'trace',
    ...env,
  };
  const service: RunningService<ConnectorConfigEnv> = await createService(connectorConfig, settings, {
    logTo,
  });
  const replicas: RunningService[] = [];
  const sql = new Client({ connectionString: database.url });
  const stop = async () => {
    await sql.end();
    await Promise.all([service, ...replicas].map((running) => running.close()));
    await neighbours.stop();
    await Promise.all([issuer.close(), nats.stop(), database.drop()]);
  };
  const url = await (async () => {
    await sql.connect();
    return await service.listen();
  })().catch(async (error) => {
    await stop();
    throw error;
  });
  compareWithDocument(url, 'connector-config');

  const as = async (
    role: string,
    tenantId: string = randomUUID(),
    subject = `${role}-${randomUUID()}`,
    at = url,
  ) => {
    const token = await issuer.token({ tenant: tenantId, roles: [role], sub: subject });
    const call = async (
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ) => {
      const response = await fetch(at + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await response.text();
      output.push(text, JSON.stringify([...response.headers]));
      return {
        status: response.status,
        headers: response.headers,
        body: text ? JSON.parse(text) : undefined,
      };
    };
    return Object.assign(call, { tenantId, subject }) as Caller;
  };

  return {
    service,
    url,
    issuer,
    neighbours,
    /** What another service on the same servers needs in its environment. */
    settings,
    /** Another process of the service on the same database, in this one. */
    replica: async (more: Record<string, string>) => {
      const replica = await createService(connectorConfig, { ...settings, ...more }, { logTo });
      replicas.push(replica);
      compareWithDocument(await replica.listen(), 'connector-config');
      return replica;
    },
    as,
    /** Everything logged and answered so far. */
    output,
    rows: async (text: string, values: unknown[] = []) => (await sql.query(text, values)).rows,
    /** The tenant's events in order, each checked against its contract. */
    events: async (tenantId: string) => {
      const { rows } = await sql.query(
        `select type as subject, aggregate_id, aggregate_version::int as version, data
         from outbox where tenant_id = $1 order by position`,
        [tenantId],
      );
      for (const { subject, data } of rows) decode(eventContract(subject)!.type, data);
      return rows;
    },
    /** The whole database as text. */
    dump: async () => {
      const tables = await sql.query(
        `select table_name from information_schema.tables where table_schema = 'public'`,
      );
      const all: string[] = [];
      for (const { table_name } of tables.rows) {
        const { rows } = await sql.query(`select row_to_json(t)::text as row from "${table_name}" t`);
        all.push(...rows.map(({ row }) => row));
      }
      return all.join('\n');
    },
    stop,
  };
}

export type Started = Awaited<ReturnType<typeof startConnectorConfig>>;

/** A key ring whose keys depend on nothing but their ids; the last one is current. */
export function ringOf(...ids: string[]): string {
  const keys = Object.fromEntries(ids.map((id) => [id, Buffer.alloc(32, id).toString('base64')]));
  return JSON.stringify({ current: ids.at(-1), keys });
}

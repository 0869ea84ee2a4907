import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { type Control, controlOf, defaultAccounts } from '@isthmus/cmp-simulator';
import { databaseEnv, freePort, startNats, startPostgres, testIssuer } from '@isthmus/testing';
import { Agent } from 'undici';
import { HttpClient } from '../../platform/http-client.ts';
import { ServiceProcess } from '../../platform/service-process.ts';
import { pageReader } from '../floors/sync.ts';
import { Databases } from './databases.ts';
import { atEnd, type Background, startBackground } from './processes.ts';

export const tenantId = '0b3d3c52-6c1e-4b7e-9f0e-7d3a5f1c2e11';

export interface SyncStack {
  /** The address that everything under test uses for CMP. */
  apiUrl: string;
  control: Control;
  databases: Databases;
  natsUrl: string;
  /** The folder of its users' keys. */
  natsKeys: string;
  connectorId: string;
  /** Creates another connector of the tenant, without a schedule; returns its id. */
  createConnector(changed: object): Promise<string>;
  /** What stands in front of the simulator, or the simulator itself. */
  front: Background;
  /** Of an admin of the tenant. */
  token: string;
  /** An account-sync database with its tables and nothing else, as a template for others. */
  template: string;
  /** The environment of a sync worker, except for its database. */
  workerEnv: Record<string, string>;
  /** Makes the list pages be produced again from the simulator's current world. */
  forgetPages(): Promise<void>;
}

export interface SyncStackOptions {
  customers: number;
  subscriptions: number;
  /** Whether list pages are served from memory after the first time. */
  cachePages: boolean;
  /** A program, by its absolute path, that stands in front of the simulator instead. */
  front?: string;
  /** The instant at which the world stands still; without it, the world follows real time. */
  now?: string;
}

const root = fileURLToPath(new URL('../../../../..', import.meta.url));
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const [cmpAccount] = defaultAccounts;

/** What a sync worker needs, each in a process of its own: PostgreSQL, NATS, CMP, connector-config with a connector. `endAll` ends it. */
export async function startSyncStack({
  customers,
  subscriptions,
  cachePages,
  front: given,
  now,
}: SyncStackOptions): Promise<SyncStack> {
  const postgres = await startPostgres();
  atEnd(() => postgres.stop());
  const nats = await startNats();
  atEnd(() => nats.stop());
  const issuer = await testIssuer();
  atEnd(() => issuer.close());
  const sink = await startTraceSink();
  atEnd(() => sink.close());
  const simulator = await startBackground(`${root}/apps/cmp-simulator/dist/main.js`, [], {
    SIM_WORLD: `sized:${customers}:${subscriptions}`,
    ...(now ? { SIM_NOW: now, SIM_CLOCK: 'stopped' } : {}),
    SIM_PER_MINUTE: 'off',
    SIM_PER_DAY: 'off',
  });
  atEnd(() => simulator.stop());
  const program = given ?? (cachePages && here('./stand-ins.js'));
  const front = program
    ? await startBackground(program, [JSON.stringify({ simulator: simulator.url })])
    : simulator;
  if (program) atEnd(() => front.stop());
  const apiUrl = `${front.url}/marketplace/na`;

  const databases = new Databases(postgres.url);
  const environment = {
    ...issuer.env,
    NATS_URL: nats.url,
    NATS_NKEY_SEED_FILE: nats.keys,
    SECRET_RING: JSON.stringify({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } }),
    ALLOW_PRIVATE_ADDRESSES: 'yes',
    LOG_LEVEL: 'warn',
  };
  const connectorConfig = new ServiceProcess('connector-config', 'apps/connector-config/dist/main.js', {
    ...environment,
    PORT: String(await freePort()),
    ...databaseEnv('connector-config', await databases.fresh('connector_config')),
  });
  await connectorConfig.migrate();
  await connectorConfig.start();
  atEnd(() => connectorConfig.stop());
  const token = await issuer.token({ tenant: tenantId, roles: ['admin'], expiresIn: 3600 });
  const client = new HttpClient(connectorConfig.url, token);
  const create = (changed: object) => createConnector(client, { apiUrl, ...changed });
  const connectorId = await create({});

  const workerEnv = {
    ...environment,
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    ORDER_HISTORY_DAYS: '0',
    DETAILS_MAX_MINUTES: '0.01',
    SCHEDULE_EVERY_MS: '100',
  };
  const template = await databases.fresh('account_sync');
  const migrating = new ServiceProcess('account-sync', 'apps/account-sync/dist/worker.js', {
    ...workerEnv,
    PORT: '0',
    ...databaseEnv('account-sync', template),
  });
  await migrating.migrate();
  return {
    apiUrl,
    control: controlOf(simulator.url),
    databases,
    natsUrl: nats.url,
    natsKeys: nats.keys,
    connectorId,
    createConnector: create,
    front,
    token,
    template,
    workerEnv,
    forgetPages: async () => void (cachePages && (await fetch(`${front.url}/pages`, { method: 'DELETE' }))),
  };
}

async function createConnector(client: HttpClient, changed: object): Promise<string> {
  const { username, password, accountId, subscriptionKey, country, currency } = cmpAccount;
  const answer = await client.post<{ id: string }>('/v1/connectors', {
    name: 'Benchmark',
    username,
    password,
    accountId,
    subscriptionKey,
    country,
    currency,
    callLimit: { perMinute: 1_000_000, perDay: 1_000_000 },
    schedule: { tickMinutes: 0, sweepMinutes: 0, accountsMinutes: 0 },
    ...changed,
  });
  if (answer.status !== 201) throw new Error(`No connector could be created: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

/** Accepts what tracing sends and discards it. */
export async function startTraceSink(): Promise<{ url: string; close(): void }> {
  const server = createServer((incoming, outgoing) => {
    incoming
      .resume()
      .on('end', () => outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

/** The offset from page to page, for the floor and for the worker, whose pages overlap. */
const strides = [500, 490];

/** Renames some subscriptions, spread over the whole list, and has all pages produced again for both sides of a comparison. */
export async function changeNames(stack: SyncStack, count: number, round: number): Promise<void> {
  const agent = new Agent();
  const read = await pageReader(stack.apiUrl, agent);
  const { total } = (await read(0)).pagination;
  const step = Math.floor(total / count);
  for (let n = 0; n < count; n += 1) {
    const row = n * step + round;
    const { data } = await read(row - (row % strides[0]!));
    const { id } = data[row % strides[0]!]!;
    await stack.control.patchSubscription(id, { name: `Renamed in round ${round}`, viaOrder: false });
  }
  await agent.close();
  await producePages(stack);
}

/** One subscription more, which CMP lists first: every page begins one record earlier. */
export async function addSubscription(stack: SyncStack): Promise<void> {
  await stack.control.buySubscription();
  await producePages(stack);
}

async function producePages(stack: SyncStack): Promise<void> {
  await stack.forgetPages();
  const agent = new Agent();
  const read = await pageReader(stack.apiUrl, agent);
  const { total } = (await read(0)).pagination;
  for (const stride of strides) for (let offset = 0; offset < total; offset += stride) await read(offset);
  await agent.close();
}

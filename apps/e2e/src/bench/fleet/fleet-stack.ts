import { randomBytes, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { databaseEnv, eventually, freePort, startNats, startPostgres, testIssuer } from '@isthmus/testing';
import { Pool } from 'pg';
import { HttpClient } from '../../platform/http-client.ts';
import { ServiceProcess } from '../../platform/service-process.ts';
import { Databases } from '../stack/databases.ts';
import { atEnd, type Background, startBackground } from '../stack/processes.ts';
import { startTraceSink } from '../stack/sync-stack.ts';
import { fillMirrors, type FleetConnector } from './fill-mirrors.ts';

export interface FleetSize {
  connectors: number;
  /** Of each connector. */
  subscriptions: number;
  tenants: number;
}

/** The names of the processes whose cost is measured. */
export const processNames = ['connector-config', 'account-sync', 'worker', 'PostgreSQL', 'NATS'] as const;
export type ProcessName = (typeof processNames)[number];

/** A platform with many connectors whose mirrors are complete. `endAll` ends it. */
export interface FleetStack {
  size: FleetSize;
  connectors: FleetConnector[];
  /** A connection to the database of account-sync as the superuser, and one to that of connector-config. */
  pool: Pool;
  configPool: Pool;
  pids: Record<ProcessName, number>;
  /** The file into which a process writes its statements (count-statements.ts). */
  statementsFile(of: ProcessName): string;
  natsMonitorUrl: string;
  cmp: Background;
  simulator: Background;
  /** What the worker has logged. */
  workerLog(): string;
}

const root = fileURLToPath(new URL('../../../../..', import.meta.url));
const here = (file: string) => new URL(file, import.meta.url);

export async function startFleet(size: FleetSize): Promise<FleetStack> {
  const postgres = await startPostgres();
  atEnd(() => postgres.stop());
  const monitorPort = await freePort();
  const nats = await startNats({ monitorPort });
  atEnd(() => nats.stop());
  const issuer = await testIssuer();
  atEnd(() => issuer.close());
  const sink = await startTraceSink();
  atEnd(() => sink.close());
  const simulator = await startBackground(`${root}/apps/cmp-simulator/dist/main.js`, [], {
    SIM_WORLD: `sized:${Math.ceil(size.subscriptions / 20)}:${size.subscriptions}`,
    SIM_PER_MINUTE: 'off',
    SIM_PER_DAY: 'off',
  });
  atEnd(() => simulator.stop());
  const cmp = await startBackground(fileURLToPath(here('./fleet-cmp.js')), [
    JSON.stringify({ simulator: simulator.url }),
  ]);
  atEnd(() => cmp.stop());

  const databases = new Databases(postgres.url);
  const urls = {
    account: await databases.fresh('account_sync'),
    config: await databases.fresh('connector_config'),
  };
  const marker = randomUUID();
  const statementsFile = (of: string) => join(tmpdir(), `isthmus-statements-${marker}-${of}.json`);
  const environment = {
    ...issuer.env,
    NATS_URL: nats.url,
    NATS_NKEY_SEED_FILE: nats.keys,
    SECRET_RING: JSON.stringify({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } }),
    ALLOW_PRIVATE_ADDRESSES: 'yes',
    LOG_LEVEL: 'warn',
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    NODE_OPTIONS: `--import=${here('./count-statements.js').href}`,
  };
  const start = async (name: ProcessName, service: string, entry: string, url: string, more = {}) => {
    // As compiled, before it is joined into few files: count-statements.ts finds pg only as a module of its own.
    const process = new ServiceProcess(service, `apps/${service}/dist/compiled/${entry}.js`, {
      ...environment,
      PORT: String(await freePort()),
      STATEMENTS_FILE: statementsFile(name),
      ...databaseEnv(service, url),
      ...more,
    });
    if (entry === 'main') await process.migrate();
    await process.start();
    atEnd(() => process.stop());
    return process;
  };
  const config = await start('connector-config', 'connector-config', 'main', urls.config);
  const api = await start('account-sync', 'account-sync', 'main', urls.account);
  const pool = connection(urls.account);
  const configPool = connection(urls.config);
  const connectors = await createConnectors(config, `${cmp.url}/marketplace/na`, size, (tenant) =>
    issuer.token({ tenant, roles: ['admin'], expiresIn: 3600 }),
  );
  await eventually(
    async () => {
      const { rows } = await pool.query('select count(*)::int as n from connectors');
      return (rows[0] as { n: number }).n === connectors.length;
    },
    { withinMs: 600_000, everyMs: 200 },
  );
  const worker = await start('worker', 'account-sync', 'worker', urls.account);
  await fillMirrors(pool, connectors);
  return {
    size,
    connectors,
    pool,
    configPool,
    pids: {
      'connector-config': config.pid,
      'account-sync': api.pid,
      worker: worker.pid,
      PostgreSQL: postgres.pid,
      NATS: nats.pid,
    },
    statementsFile,
    natsMonitorUrl: `http://127.0.0.1:${monitorPort}`,
    cmp,
    simulator,
    workerLog: () => worker.log,
  };
}

function connection(connectionString: string): Pool {
  const pool = new Pool({ connectionString, max: 4, idleTimeoutMillis: 0 });
  pool.on('error', () => undefined);
  atEnd(() => pool.end());
  return pool;
}

/** Through the API, as users do, without a schedule; only the first one may make as many calls as it likes, so that it is soon read. */
async function createConnectors(
  config: ServiceProcess,
  apiUrl: string,
  { connectors: count, tenants }: FleetSize,
  tokenOf: (tenant: string) => Promise<string>,
): Promise<FleetConnector[]> {
  const clients: { tenantId: string; client: HttpClient }[] = [];
  for (let n = 0; n < Math.min(tenants, count); n += 1) {
    const tenantId = randomUUID();
    clients.push({ tenantId, client: new HttpClient(config.url, await tokenOf(tenantId)) });
  }
  const create = async (n: number): Promise<FleetConnector> => {
    const { tenantId, client } = clients[n % clients.length]!;
    const user = `user-${n}@example.test`;
    const answer = await client.post<{ id: string }>('/v1/connectors', {
      name: `Connector ${n}`,
      apiUrl,
      username: user,
      password: 'not a secret',
      accountId: String(1_000_000 + n),
      subscriptionKey: `key-${String(n).padStart(28, '0')}`,
      country: 'US',
      currency: 'USD',
      schedule: { tickMinutes: 0, sweepMinutes: 0, accountsMinutes: 0 },
      ...(n === 0 && { callLimit: { perMinute: 1_000_000, perDay: 1_000_000 } }),
    });
    if (answer.status !== 201)
      throw new Error(`No connector could be created: ${JSON.stringify(answer.body)}`);
    return { id: answer.body.id, tenantId, user };
  };
  const made: FleetConnector[] = [];
  for (let from = 0; from < count; from += 10) {
    const some = Array.from({ length: Math.min(10, count - from) }, (_, n) => create(from + n));
    made.push(...(await Promise.all(some)));
  }
  return made;
}

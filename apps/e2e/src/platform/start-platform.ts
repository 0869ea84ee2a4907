import { randomBytes } from 'node:crypto';
import { startSimulator, type RunningSimulator, type SimulatorOptions } from '@isthmus/cmp-simulator';
import {
  databaseEnv,
  defaultTenant,
  freePort,
  migratedDatabase,
  startNats,
  testIssuer,
  type FreshDatabase,
  type RunningNats,
  type TestIssuer,
} from '@isthmus/testing';
import { Pool } from 'pg';
import { HttpClient } from './http-client.ts';
import { ServiceProcess } from './service-process.ts';

export interface PlatformOptions {
  simulator?: SimulatorOptions;
  /** Sync workers; default 1. */
  workers?: number;
  /** URL of the PostgreSQL to use instead of the test run's, for stories that stop it. */
  postgres?: string;
  /** Whether product-catalog runs too; default no. */
  catalog?: boolean;
  /** Whether subscription-lifecycle runs too; default no. */
  lifecycle?: boolean;
  /** Whether rest-provider runs too; default no. */
  restProvider?: boolean;
  /** Whether webhooks runs too; default no. */
  webhooks?: boolean;
  /** Whose tokens the services accept, for a platform with a real identity provider. */
  issuer?: TestIssuer;
  /** Where NATS keeps its streams, for a story that looks into them. */
  natsFolder?: string;
  /** Added to every service's environment. */
  env?: Record<string, string>;
}

export interface PlatformClients {
  connectors: HttpClient;
  accounts: HttpClient;
  /** Only with `catalog`. */
  catalog: HttpClient;
  /** Only with `lifecycle`. */
  subscriptions: HttpClient;
  /** Only with `webhooks`. */
  webhooks: HttpClient;
}

export interface Platform {
  simulator: RunningSimulator;
  nats: RunningNats;
  connectorConfig: ServiceProcess;
  accountSync: ServiceProcess;
  /** Only with `catalog`. */
  productCatalog?: ServiceProcess;
  /** Only with `lifecycle`. */
  lifecycle?: ServiceProcess;
  /** Only with `restProvider`. */
  restProvider?: ServiceProcess;
  /** Only with `webhooks`. */
  webhooks?: ServiceProcess;
  /** Starts another process of webhooks, over the same database. */
  anotherWebhooks(): Promise<ServiceProcess>;
  workers: ServiceProcess[];
  /** All of them. */
  processes: readonly ServiceProcess[];
  /** URLs of all databases. */
  databases: readonly string[];
  /** The keys that secrets are sealed with. */
  ringKeys: readonly string[];
  /** Of account-sync, for looking at what was written. */
  pool: Pool;
  /** Of product-catalog, likewise. */
  catalogDatabase?: string;
  /** Of subscription-lifecycle, likewise. */
  lifecycleDatabase?: string;
  /** Of webhooks, likewise. */
  webhooksDatabase?: string;
  /** Clients of both services as a user of the tenant. */
  as(user?: { tenant?: string; roles?: string[] }): Promise<PlatformClients>;
  /** A token with these claims, for stories about callers that `as` does not make. */
  token: TestIssuer['token'];
  /** Of the issuer that every service trusts. */
  issuer: Pick<TestIssuer, 'issuer' | 'audience' | 'jwksUrl'>;
  stop(): Promise<void>;
}

/** The whole platform as separate processes, with fresh databases and its own NATS and simulator. */
export async function startPlatform({
  simulator: world,
  workers = 1,
  catalog: withCatalog = false,
  lifecycle: withLifecycle = false,
  restProvider: withRestProvider = false,
  webhooks: withWebhooks = false,
  postgres,
  issuer: given,
  natsFolder,
  env = {},
}: PlatformOptions = {}): Promise<Platform> {
  const [issuer, nats, simulator] = await Promise.all([
    given ?? testIssuer(),
    startNats(natsFolder ? { dir: natsFolder } : {}),
    startSimulator({ limits: { perMinute: null, perDay: null }, ...world }),
  ]);
  const ringKeys: string[] = [];
  const newRing = () => {
    const key = randomBytes(32).toString('base64');
    ringKeys.push(key);
    return JSON.stringify({ current: 'k1', keys: { k1: key } });
  };
  const forConnectors = { SECRET_RING: newRing() };
  const rings: Record<string, Record<string, string>> = {
    webhooks: { WEBHOOK_SECRET_RING: newRing() },
    // They call no CMP: they work without a key. The workers of account-sync have one.
    'rest-provider': {},
    'account-sync': {},
  };
  const processOf = async (name: string, entry: string, database: string) =>
    new ServiceProcess(name, `apps/${entry}`, {
      ...issuer.env,
      PORT: String(await freePort()),
      NATS_URL: nats.url,
      NATS_NKEY_SEED_FILE: nats.keys,
      ...databaseEnv(entry.split('/')[0]!, database),
      ...(rings[name] ?? forConnectors),
      ALLOW_PRIVATE_ADDRESSES: 'yes',
      LOG_LEVEL: 'info',
      ...env,
    });
  const databases: FreshDatabase[] = [];
  const processes: ServiceProcess[] = [];
  const pools: Pool[] = [];
  const stop = async () => {
    await Promise.all(processes.map((process) => process.stop()));
    await simulator.close();
    await nats.stop();
    await Promise.all(pools.map((pool) => pool.end()));
    await Promise.all(databases.map((database) => database.drop()));
    await issuer.close();
  };
  const started = async (name: string, entry: string, database: string) => {
    const process = await processOf(name, entry, database);
    processes.push(process);
    await process.start();
    return process;
  };
  const databaseOf = async (service: string) => {
    const migrate = async ({ url }: FreshDatabase) =>
      (await processOf(service, `${service}/dist/main.js`, url)).migrate();
    const database = await migratedDatabase(service, migrate, postgres);
    databases.push(database);
    return database.url;
  };
  const serviceIf = async (wanted: boolean, name: string) => {
    if (!wanted) return undefined;
    const database = await databaseOf(name);
    return { database, process: await started(name, `${name}/dist/main.js`, database) };
  };
  const startAccountSync = async () => {
    const database = await databaseOf('account-sync');
    const pool = new Pool({ connectionString: database, max: 4 });
    pool.on('error', () => undefined);
    pools.push(pool);
    const [accountSync, ...workerProcesses] = await Promise.all([
      started('account-sync', 'account-sync/dist/main.js', database),
      ...Array.from({ length: workers }, (_, index) =>
        started(`worker-${index + 1}`, 'account-sync/dist/worker.js', database),
      ),
    ]);
    return { accountSync, workers: workerProcesses, pool };
  };
  const starting = [
    serviceIf(true, 'connector-config'),
    startAccountSync(),
    serviceIf(withCatalog, 'product-catalog'),
    serviceIf(withLifecycle, 'subscription-lifecycle'),
    serviceIf(withRestProvider, 'rest-provider'),
    serviceIf(withWebhooks, 'webhooks'),
  ] as const;
  const [connectors, accounts, catalog, lifecycle, restProvider, webhooks] = await Promise.all(
    starting,
  ).catch(async (error: unknown) => {
    await Promise.allSettled(starting);
    await stop();
    throw error;
  });

  return {
    simulator,
    nats,
    ...accounts,
    processes,
    databases: databases.map(({ url }) => url),
    ringKeys,
    connectorConfig: connectors!.process,
    productCatalog: catalog?.process,
    lifecycle: lifecycle?.process,
    restProvider: restProvider?.process,
    webhooks: webhooks?.process,
    anotherWebhooks: () => started('webhooks', 'webhooks/dist/main.js', webhooks!.database),
    catalogDatabase: catalog?.database,
    lifecycleDatabase: lifecycle?.database,
    webhooksDatabase: webhooks?.database,
    token: issuer.token,
    issuer,
    stop,
    async as({ tenant = defaultTenant, roles = ['admin'] } = {}) {
      const token = await issuer.token({ tenant, roles });
      return {
        connectors: new HttpClient(connectors!.process.url, token),
        accounts: new HttpClient(accounts.accountSync.url, token),
        catalog: new HttpClient(catalog?.process.url ?? '', token),
        subscriptions: new HttpClient(lifecycle?.process.url ?? '', token),
        webhooks: new HttpClient(webhooks?.process.url ?? '', token),
      };
    },
  };
}

import { randomBytes } from 'node:crypto';
import { startSimulator, type RunningSimulator, type SimulatorOptions } from '@isthmus/cmp-simulator';
import {
  defaultTenant,
  freePort,
  freshDatabase,
  startNats,
  testIssuer,
  type FreshDatabase,
  type RunningServer,
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
  nats: RunningServer;
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
  stop(): Promise<void>;
}

/** The whole platform as separate processes, with fresh databases and its own NATS and simulator. */
export async function startPlatform({
  simulator: world,
  workers = 1,
  catalog = false,
  lifecycle: withLifecycle = false,
  restProvider: withRestProvider = false,
  webhooks: withWebhooks = false,
  postgres,
  env = {},
}: PlatformOptions = {}): Promise<Platform> {
  const issuer = await testIssuer();
  const nats = await startNats();
  const simulator = await startSimulator({ limits: { perMinute: null, perDay: null }, ...world });
  const databases: FreshDatabase[] = [
    await freshDatabase('connector_config', postgres),
    await freshDatabase('account_sync', postgres),
    ...(catalog ? [await freshDatabase('product_catalog', postgres)] : []),
  ];
  const ring = JSON.stringify({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } });
  const environment = async (database: FreshDatabase) => ({
    ...issuer.env,
    PORT: String(await freePort()),
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    SECRET_RING: ring,
    ALLOW_PRIVATE_ADDRESSES: 'yes',
    LOG_LEVEL: 'info',
    ...env,
  });
  const [connectorsDatabase, syncDatabase, catalogDatabase] = databases as [
    FreshDatabase,
    FreshDatabase,
    FreshDatabase?,
  ];
  const connectorConfig = new ServiceProcess(
    'connector-config',
    'apps/connector-config/dist/main.js',
    await environment(connectorsDatabase),
  );
  const accountSync = new ServiceProcess(
    'account-sync',
    'apps/account-sync/dist/main.js',
    await environment(syncDatabase),
  );
  const productCatalog =
    catalogDatabase &&
    new ServiceProcess(
      'product-catalog',
      'apps/product-catalog/dist/main.js',
      await environment(catalogDatabase),
    );
  const lifecycleDatabase = withLifecycle
    ? await freshDatabase('subscription_lifecycle', postgres)
    : undefined;
  if (lifecycleDatabase) databases.push(lifecycleDatabase);
  const lifecycle =
    lifecycleDatabase &&
    new ServiceProcess(
      'subscription-lifecycle',
      'apps/subscription-lifecycle/dist/main.js',
      await environment(lifecycleDatabase),
    );
  const restDatabase = withRestProvider ? await freshDatabase('rest_provider', postgres) : undefined;
  if (restDatabase) databases.push(restDatabase);
  const restProvider =
    restDatabase &&
    new ServiceProcess('rest-provider', 'apps/rest-provider/dist/main.js', await environment(restDatabase));
  const webhooksDatabase = withWebhooks ? await freshDatabase('webhooks', postgres) : undefined;
  if (webhooksDatabase) databases.push(webhooksDatabase);
  const webhooksProcess = async (database: FreshDatabase) =>
    new ServiceProcess('webhooks', 'apps/webhooks/dist/main.js', await environment(database));
  const webhooks = webhooksDatabase && (await webhooksProcess(webhooksDatabase));
  const workerProcesses = await Promise.all(
    Array.from(
      { length: workers },
      async (_, index) =>
        new ServiceProcess(
          `worker-${index + 1}`,
          'apps/account-sync/dist/worker.js',
          await environment(syncDatabase),
        ),
    ),
  );
  const processes = [
    connectorConfig,
    accountSync,
    ...workerProcesses,
    ...(productCatalog ? [productCatalog] : []),
    ...(lifecycle ? [lifecycle] : []),
    ...(restProvider ? [restProvider] : []),
    ...(webhooks ? [webhooks] : []),
  ];
  const pool = new Pool({ connectionString: syncDatabase.url, max: 4 });
  pool.on('error', () => undefined);

  const stop = async () => {
    await Promise.all(processes.map((process) => process.stop()));
    await simulator.close();
    await nats.stop();
    await pool.end();
    await Promise.all(databases.map((database) => database.drop()));
    await issuer.close();
  };
  try {
    await Promise.all([
      connectorConfig.migrate(),
      accountSync.migrate(),
      productCatalog?.migrate(),
      lifecycle?.migrate(),
      restProvider?.migrate(),
      webhooks?.migrate(),
    ]);
    await Promise.all(processes.map((process) => process.start()));
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    simulator,
    nats,
    connectorConfig,
    accountSync,
    productCatalog,
    lifecycle,
    restProvider,
    webhooks,
    async anotherWebhooks() {
      const another = await webhooksProcess(webhooksDatabase!);
      processes.push(another);
      await another.start();
      return another;
    },
    catalogDatabase: catalogDatabase?.url,
    lifecycleDatabase: lifecycleDatabase?.url,
    webhooksDatabase: webhooksDatabase?.url,
    workers: workerProcesses,
    pool,
    stop,
    async as({ tenant = defaultTenant, roles = ['admin'] } = {}) {
      const token = await issuer.token({ tenant, roles });
      return {
        connectors: new HttpClient(connectorConfig.url, token),
        accounts: new HttpClient(accountSync.url, token),
        catalog: new HttpClient(productCatalog?.url ?? '', token),
        subscriptions: new HttpClient(lifecycle?.url ?? '', token),
        webhooks: new HttpClient(webhooks?.url ?? '', token),
      };
    },
  };
}

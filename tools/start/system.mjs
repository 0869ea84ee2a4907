/**
 * Whose secrets a program seals or opens.
 * @typedef {'connectors' | 'webhooks' | 'sessions'} Secrets
 */

/**
 * @typedef {object} Program
 * @property {string} name service name; its log is `.local/logs/<name>.log`
 * @property {string} run built main file
 * @property {number} port the usual one; if it is taken, a free one is used
 * @property {string} [database] its PostgreSQL database
 * @property {boolean} [migrates] `main.js migrate` brings that database up to date
 * @property {string} [ready] path that responds with 200 once it is ready; `/healthz/ready` by default
 * @property {Secrets} [secrets] it gets the key ring of these, and no other
 * @property {boolean} [offBus] it has no key for NATS
 * @property {Record<string, string>} [env] settings for this program only
 */

/**
 * What Node is told for every program, as in the image's entrypoint. Without a limit, V8 keeps up to 48 MiB of each for new objects, also
 * when it has nothing more to do.
 */
export const nodeFlags = ['--enable-source-maps', '--max-semi-space-size=4'];

/**
 * What every program finds in its environment, as in the image. glibc keeps an arena for each thread that allocates, and Node has a
 * dozen threads which hardly ever allocate at the same time.
 */
export const nodeEnvironment = { MALLOC_ARENA_MAX: '1' };

/**
 * The whole system, one line per program: what `npm start` runs. docker-compose.yml and k8s/ must contain the same programs.
 * @type {Program[]}
 */
export const system = [
  {
    name: 'console-gateway',
    run: 'apps/console-gateway/dist/main.js',
    port: 8100,
    database: 'console_gateway',
    secrets: 'sessions',
    migrates: true,
    offBus: true,
  },
  {
    name: 'connector-config',
    run: 'apps/connector-config/dist/main.js',
    port: 8101,
    database: 'connector_config',
    secrets: 'connectors',
    migrates: true,
  },
  {
    name: 'account-sync',
    run: 'apps/account-sync/dist/main.js',
    port: 8102,
    database: 'account_sync',
    migrates: true,
  },
  {
    name: 'account-sync-worker',
    run: 'apps/account-sync/dist/worker.js',
    port: 8103,
    database: 'account_sync',
    secrets: 'connectors',
  },
  {
    name: 'product-catalog',
    run: 'apps/product-catalog/dist/main.js',
    port: 8104,
    database: 'product_catalog',
    secrets: 'connectors',
    migrates: true,
  },
  {
    name: 'subscription-lifecycle',
    run: 'apps/subscription-lifecycle/dist/main.js',
    port: 8105,
    database: 'subscription_lifecycle',
    secrets: 'connectors',
    migrates: true,
  },
  {
    name: 'rest-provider',
    run: 'apps/rest-provider/dist/main.js',
    port: 8106,
    database: 'rest_provider',
    migrates: true,
  },
  {
    name: 'webhooks',
    run: 'apps/webhooks/dist/main.js',
    port: 8107,
    database: 'webhooks',
    secrets: 'webhooks',
    migrates: true,
  },
  { name: 'cmp-simulator', run: 'apps/cmp-simulator/dist/main.js', port: 8190, ready: '/_control/clock' },
];

/** All of them but the simulator in one process, on a small machine. */
export const singleProcess = { name: 'single-process', run: 'apps/single-process/dist/main.js' };

export const simulatorName = 'cmp-simulator';
export const restProviderName = 'rest-provider';
export const gatewayName = 'console-gateway';
export const usualPorts = { postgres: 8132, nats: 8122, identity: 8191 };

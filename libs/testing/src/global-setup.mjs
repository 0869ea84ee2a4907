import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsConfig, startNats, startPostgres } from '../servers/index.mjs';

const runs = Symbol.for('isthmus.test-servers');

/** Both suites that need servers share them: jest calls this once per project. */
export default async function globalSetup() {
  if (globalThis[runs]) return;
  const keys = await provideKeys();
  const servers = { ...(await provideServers()), keys };
  globalThis[runs] = servers;
  process.env.TEST_RUN = randomBytes(5).toString('hex');
  process.env.TEST_DATABASE_URL = servers.postgres.url;
  process.env.TEST_NATS_URL = servers.nats.url;
}

/** Services that only tests have. They may do everything; those that there are may do what they may do anywhere. */
const testServices = ['budgets', 'consumer', 'doors', 'drafts', 'neighbours', 'notes', 'things'];

/**
 * Keys for every nats-server of a test run. Each service finds its own in the folder by its name.
 *
 * @returns the folder, if it is to be removed at the end
 */
async function provideKeys() {
  if (process.env.TEST_NATS_URL && !process.env.TEST_NATS_KEYS) return;
  const own = process.env.TEST_NATS_KEYS ? undefined : await mkdtemp(join(tmpdir(), 'isthmus-nats-keys-'));
  process.env.TEST_NATS_KEYS ??= own;
  process.env.TEST_NATS_TRUSTED = testServices.join(',');
  process.env.NATS_NKEY_SEED_FILE = process.env.TEST_NATS_KEYS;
  // Made now, so that servers which start at the same time do not make the same keys.
  await natsConfig(process.env.TEST_NATS_KEYS, { trusted: testServices });
  return own;
}

/** One PostgreSQL and one NATS for a whole test run: those given by TEST_DATABASE_URL and TEST_NATS_URL, or new ones. */
async function provideServers() {
  const { TEST_DATABASE_URL, TEST_NATS_URL, TEST_SERVERS } = process.env;
  const provider = TEST_SERVERS === 'containers' ? containers : processes;
  return {
    postgres: TEST_DATABASE_URL ? await givenPostgres(TEST_DATABASE_URL) : await provider.postgres(),
    nats: TEST_NATS_URL ? given(TEST_NATS_URL) : await provider.nats(),
  };
}

/** Servers as local processes: the default, as it needs nothing but the packages of this repository. */
const processes = {
  postgres: () => startPostgres({ durable: false, tied: true }),
  nats: () => startNats({ tied: true }),
};

/** Servers as containers (TEST_SERVERS=containers), for machines that have a Docker engine. */
const containers = {
  async postgres() {
    const { GenericContainer, Wait } = await import('testcontainers');
    const started = await new GenericContainer('postgres:18-alpine')
      .withEnvironment({ POSTGRES_HOST_AUTH_METHOD: 'trust' })
      .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=300'])
      .withExposedPorts(5432)
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
      .start();
    const url = `postgres://postgres@${started.getHost()}:${started.getMappedPort(5432)}/postgres`;
    return { url, stop: () => started.stop() };
  },
  async nats() {
    const { GenericContainer, Wait } = await import('testcontainers');
    const content = await natsConfig(process.env.TEST_NATS_KEYS, { trusted: testServices });
    const started = await new GenericContainer('nats:2.10-alpine')
      .withCopyContentToContainer([{ content, target: '/etc/nats/isthmus.conf' }])
      .withCommand(['-js', '-c', '/etc/nats/isthmus.conf'])
      .withExposedPorts(4222)
      .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
      .start();
    return { url: `nats://${started.getHost()}:${started.getMappedPort(4222)}`, stop: () => started.stop() };
  },
};

/** A server that was started elsewhere and is stopped there. */
const given = (url) => ({ url, stop: async () => {} });

/** On a server that stays, the databases that others were copied from go. */
async function givenPostgres(url) {
  const { default: pg } = await import('pg');
  const stop = async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query('select datname from pg_database where datname like $1', [
      `migrated\\_%\\_${process.env.TEST_RUN}`,
    ]);
    for (const { datname } of rows) await client.query(`drop database ${datname}`);
    await client.end();
  };
  return { url, stop };
}

import { provideServers } from './providers.mjs';

const runs = Symbol.for('isthmus.test-servers');

/** Both suites that need servers share them: jest calls this once per project. */
export default async function globalSetup() {
  if (globalThis[runs]) return;
  const servers = await provideServers();
  globalThis[runs] = servers;
  process.env.TEST_DATABASE_URL = servers.postgres.url;
  process.env.TEST_NATS_URL = servers.nats.url;
}

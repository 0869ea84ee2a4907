import { rm } from 'node:fs/promises';

const runs = Symbol.for('isthmus.test-servers');

export default async function globalTeardown() {
  const servers = globalThis[runs];
  delete globalThis[runs];
  await servers?.nats.stop();
  await servers?.postgres.stop();
  if (servers?.keys) await rm(servers.keys, { recursive: true, force: true });
}

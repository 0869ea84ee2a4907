import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { root } from '@isthmus/testing/servers';

/** Everything that `npm start` writes is in this folder. Tests use another one, to stay clear of a stack that is running. */
const local = resolve(root, process.env.ISTHMUS_LOCAL_DIR || '.local');

export const paths = {
  local,
  /** What programs need to know about a stack that is ready; absent if there is none. */
  stack: join(local, 'stack.json'),
  lock: join(local, 'start.lock'),
  processes: join(local, 'processes.json'),
  ports: join(local, 'ports.json'),
  postgres: join(local, 'postgres'),
  nats: join(local, 'nats'),
  natsKeys: join(local, 'nats-keys'),
  /** Of the server that `npm start` runs. `npm run nats` writes it as well. */
  natsConfig: join(local, 'nats-keys', 'nats.conf'),
  logs: join(local, 'logs'),
  /** Of the programs that share a process, a folder for each. */
  settings: join(local, 'settings'),
  issuerKey: join(local, 'issuer', 'key.json'),
  jwks: join(local, 'issuer', 'jwks.json'),
  secretRing: join(local, 'secret-ring.json'),
  webhookSecretRing: join(local, 'webhooks', 'secret-ring.json'),
  sessionSecretRing: join(local, 'sessions', 'secret-ring.json'),
  /** Secrets of the identity provider's clients. */
  clients: join(local, 'issuer', 'clients.json'),
  /** That of the gateway alone, as its setting OIDC_CLIENT_SECRET_FILE wants it. */
  consoleSecret: join(local, 'sessions', 'client-secret'),
};

/** What `--reset` deletes: all data and keys, but no program that was downloaded or built. */
export const resettable = [
  'postgres',
  'nats',
  'nats-keys',
  'logs',
  'issuer',
  'settings',
  'secret-ring.json',
  'webhooks',
  'sessions',
  'ports.json',
].map((name) => join(local, name));

/** Writes a file that only its owner can read, completely or not at all. */
export function writePrivate(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

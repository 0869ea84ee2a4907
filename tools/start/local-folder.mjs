import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { root } from '@isthmus/testing/servers';

/** Everything a start writes is below this folder. Tests put it elsewhere so as not to meet a stack that runs. */
const local = resolve(root, process.env.ISTHMUS_LOCAL_DIR || '.local');

export const paths = {
  local,
  /** What programs need to know of a stack that is ready; absent while there is none. */
  stack: join(local, 'stack.json'),
  lock: join(local, 'start.lock'),
  processes: join(local, 'processes.json'),
  ports: join(local, 'ports.json'),
  postgres: join(local, 'postgres'),
  nats: join(local, 'nats'),
  natsKeys: join(local, 'nats-keys'),
  logs: join(local, 'logs'),
  issuerKey: join(local, 'issuer', 'key.json'),
  jwks: join(local, 'issuer', 'jwks.json'),
  secretRing: join(local, 'secret-ring.json'),
};

/** What `--reset` forgets: all data and keys, but no program that was fetched or built. */
export const resettable = [
  'postgres',
  'nats',
  'nats-keys',
  'logs',
  'issuer',
  'secret-ring.json',
  'ports.json',
].map((name) => join(local, name));

/** A file for our eyes only, whole or not at all. */
export function writePrivate(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

import { createHash, randomBytes } from 'node:crypto';

export interface NewApiKey {
  /** Shown to its owner once and kept nowhere. */
  key: string;
  prefix: string;
  hash: string;
}

/**
 * A key of 32 random bytes. A plain hash is enough for what nobody can guess: there is nothing to slow down.
 * The fixed beginning lets secret scanners find a key that was published by mistake.
 */
export function newApiKey(): NewApiKey {
  const key = `isthmus_${randomBytes(32).toString('base64url')}`;
  return { key, prefix: key.slice(0, 14), hash: createHash('sha256').update(key).digest('hex') };
}

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { paths } from './paths.mjs';
import { writePrivate } from './write-private.mjs';

/** The key ring that seals credentials: made once, because without it what is stored cannot be opened again. */
export function secretRingFile() {
  if (!existsSync(paths.secretRing)) {
    const ring = { current: 'local-1', keys: { 'local-1': randomBytes(32).toString('base64') } };
    writePrivate(paths.secretRing, JSON.stringify(ring));
  }
  return paths.secretRing;
}

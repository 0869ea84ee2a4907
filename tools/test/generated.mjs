import { join } from 'node:path';
import { root } from '@isthmus/testing/servers';
import { inFront } from './command-step.mjs';

const generator = join(root, 'tools/generate/src/generate.mjs');

/** Committed references must be what the code says today. */
export async function generated() {
  const code = await inFront(['node', generator, '--check']);
  if (code === 0) return { passed: 1, failed: 0, skipped: 0, note: '' };
  return { passed: 0, failed: 1, skipped: 0, note: 'npm run generate writes them anew' };
}

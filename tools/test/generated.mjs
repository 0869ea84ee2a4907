import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '@isthmus/servers';
import { inFront } from './command-step.mjs';

/** Committed references must be what the code says today. */
export async function generated() {
  if (!existsSync(join(root, 'tools/generate'))) {
    return { passed: 0, failed: 0, skipped: 0, note: 'there is no tools/generate' };
  }
  const code = await inFront(['npm', 'run', '-s', 'generate', '--', '--check']);
  if (code === 0) return { passed: 1, failed: 0, skipped: 0, note: '' };
  return { passed: 0, failed: 1, skipped: 0, note: 'npm run generate writes them anew' };
}

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const name = '@supabase/stripe-sync-engine';
const version = '0.48.5';
const folder = fileURLToPath(new URL('../../../../../.local/bench', import.meta.url));
/** The CommonJS build: the other one does not find its own migrations. */
const entry = `${folder}/node_modules/${name}/dist/index.cjs`;

/**
 * Puts the engine P1b compares with into `.local/bench`, once. It is not among the repository's packages: nothing but this
 * comparison needs it, and it brings 24 MB, most of them Stripe's client.
 *
 * @returns its entry; undefined when it cannot be had
 */
export async function fetchStripeSyncEngine(): Promise<string | undefined> {
  if (existsSync(entry)) return entry;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/package.json`, '{ "private": true }\n');
  try {
    await promisify(execFile)(
      'npm',
      ['install', '--no-save', '--no-audit', '--no-fund', `${name}@${version}`],
      { cwd: folder },
    );
  } catch (error) {
    process.stderr.write(`P1b is left out: ${name}@${version} cannot be installed. ${String(error)}\n`);
    return undefined;
  }
  return entry;
}

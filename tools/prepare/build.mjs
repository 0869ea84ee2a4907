import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../libs/testing/servers/root.mjs';
import { run } from './run.mjs';

const stamp = join(root, '.local', 'built');

/** Builds all projects with Nx. Nothing touched since the last build: Nx is not even started, which saves a second. */
export async function build() {
  const sources = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;

  process.stdout.write('Building ...\n');
  const nx = ['nx', 'run-many', '-t', 'build', '--parallel=2'];
  const { code, output } = await run('npx', ['--no', ...nx], { NX_TUI: 'false', NX_DAEMON: 'false' });
  if (code !== 0) throw new Error(`The build failed (exit ${code}):\n${output}`);
  writeFileSync(stamp, fingerprint());
}

/** Changes with every source file added, removed or touched, and when an output folder is missing. */
function fingerprint() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const kind of ['libs', 'apps']) {
    for (const project of readdirSync(join(root, kind)).sort()) {
      const folder = join(root, kind, project);
      if (!existsSync(join(folder, 'tsconfig.json'))) continue;
      hash.update(`${folder} ${existsSync(join(folder, 'dist'))}`);
      walk(folder, hash);
    }
  }
  return hash.update(String(statSync(join(root, 'tsconfig.base.json')).mtimeMs)).digest('hex');
}

function walk(folder, hash) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path, hash);
    else hash.update(`${path} ${statSync(path).mtimeMs}`);
  }
}

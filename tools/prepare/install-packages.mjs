import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../libs/testing/servers/root.mjs';
import { run } from './run.mjs';

const modules = join(root, 'node_modules');
const stamp = join(modules, '.isthmus-lock');

/** `npm ci`, unless node_modules already matches package-lock.json. */
export async function installPackages() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const wanted = createHash('sha256')
    .update(lock)
    .update(process.platform)
    .update(process.arch)
    .digest('hex');
  const usable = existsSync(join(modules, '.bin', 'node'));
  if (usable && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  if (!usable || !installedAsLocked(JSON.parse(lock))) {
    process.stdout.write('Installing packages (npm ci, about a minute) ...\n');
    const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    if (code !== 0) throw new Error(`npm ci failed (exit ${code}):\n${output}`);
    if (!existsSync(join(modules, '.bin', 'node'))) {
      throw new Error(
        `There is no Node 24 package for ${process.platform} ${process.arch}; use Linux on x64 or arm64.`,
      );
    }
  }
  writeFileSync(stamp, wanted);
}

/** Whether a person ran `npm ci` or `npm install`: npm's own record then contains the versions of the lockfile. */
function installedAsLocked(lock) {
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/') || wanted.optional) return true;
    return installed[path] !== undefined && installed[path].version === wanted.version;
  });
}

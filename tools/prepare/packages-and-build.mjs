import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../libs/testing/servers/processes.mjs';

/** Mirrors and proxies are private to a machine: their addresses are no business of a log that gets pasted somewhere. */
export const withoutAddresses = (text) => text.replace(/https?:\/\/[^\s'")\]]+/g, '<address>');

/** npm repeats the failed program's output in other words, and warns about the user's settings. */
const npmChatter = /^npm (warn|error) (Unknown|Lifecycle|code|path|workspace|location|command) .*\n/gm;

/**
 * Runs a program in the checkout with our own `node_modules/.bin` first on the PATH.
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<{code: number | null, output: string}>} output is both streams, without addresses
 */
export async function run(program, args, env = {}) {
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`;
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, PATH: path, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code, output: withoutAddresses(output.replace(npmChatter, '')) };
}

const modules = join(root, 'node_modules');
const installedStamp = join(modules, '.isthmus-lock');

/** `npm ci`, unless node_modules already matches package-lock.json. */
export async function installPackages() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const wanted = createHash('sha256')
    .update(lock)
    .update(process.platform)
    .update(process.arch)
    .digest('hex');
  const usable = existsSync(join(modules, '.bin', 'node'));
  if (usable && existsSync(installedStamp) && readFileSync(installedStamp, 'utf8') === wanted) return;

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
  writeFileSync(installedStamp, wanted);
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

const builtStamp = join(root, '.local', 'built');

/**
 * Builds all projects in one process, in the order of their references: one for each, as Nx starts them, would read the same
 * libraries again and take twice the time. Nothing is started when nothing was touched since the last build.
 */
export async function build() {
  const sources = fingerprint();
  if (existsSync(builtStamp) && readFileSync(builtStamp, 'utf8') === sources) return;

  process.stdout.write('Building ...\n');
  const tsc = join(modules, '@typescript/native/bin/tsc');
  const { code, output } = await run('node', [
    tsc,
    '-b',
    ...builtProjects().filter((one) => !isWebPage(one)),
  ]);
  if (code !== 0) throw new Error(`The build failed (exit ${code}):\n${output}`);
  // By the Node that we pin: the one that runs this may be older than the bundler accepts.
  const programs = await run('node', [
    'tools/prepare/bundle.mjs',
    ...builtProjects().filter((one) => !isWebPage(one)),
  ]);
  if (programs.code !== 0)
    throw new Error(`The programs could not be bundled (exit ${programs.code}):\n${programs.output}`);
  for (const folder of builtProjects().filter(isWebPage)) {
    const bundled = await run('vite', [
      'build',
      '--logLevel',
      'warn',
      folder,
      '--config',
      join(folder, 'vite.config.ts'),
    ]);
    if (bundled.code !== 0)
      throw new Error(`The build of ${folder} failed (exit ${bundled.code}):\n${bundled.output}`);
  }
  writeFileSync(builtStamp, fingerprint());
}

/** Folders of the projects that have something to build. */
function builtProjects() {
  return ['libs', 'apps'].flatMap((kind) =>
    readdirSync(join(root, kind))
      .sort()
      .map((project) => join(root, kind, project))
      .filter((folder) => existsSync(join(folder, 'tsconfig.json'))),
  );
}

/** What browsers load is bundled, not only compiled. */
const isWebPage = (folder) => existsSync(join(folder, 'vite.config.ts'));

/** Changes with every source file added, removed or touched, and when an output folder is missing. */
function fingerprint() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const folder of builtProjects()) {
    hash.update(`${folder} ${existsSync(join(folder, 'dist'))}`);
    walk(folder, hash);
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

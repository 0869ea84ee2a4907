// The upgrade step of `npm test`: the code of the last release must work on the schema of this one, because during a release, and after a
// roll-back, it does. Two checks, on the databases that the last release migrated and this one migrated further:
// what it would find missing or be refused in them, and its own demo of the main job.
//   node tools/upgrade/upgrade.mjs --report <file>
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { fetchNatsServer, root, startPostgres } from '@isthmus/testing/servers';
import pg from 'pg';
import { databaseUrl } from '../start/programs.mjs';
import { system } from '../start/system.mjs';
import { breaks, readSchema } from './schema.mjs';

const run = promisify(execFile);
const { values } = parseArgs({ options: { report: { type: 'string' } } });
const say = (line) => process.stdout.write(`${line}\n`);
const { commit, accepted } = JSON.parse(readFileSync(join(import.meta.dirname, 'last-release.json'), 'utf8'));
const result = { passed: 0, failed: 0, skipped: 0, note: '' };

const folder = join(root, '.local', 'upgrade');
const old = join(folder, commit);
const local = join(folder, 'local');
const tools = { env: { ...process.env, NX_DAEMON: 'false' }, maxBuffer: 64 * 1024 * 1024 };

const reason = await whyNot();
if (reason) {
  Object.assign(result, { skipped: 1, note: reason });
  say(`The last release is not run on this schema: ${reason}.`);
} else {
  await check(
    'no column or table that the last release uses is missing, and no new rule refuses what it writes',
    schemas,
  );
  await check('the demo of the last release succeeds on the new schema', demo);
  rmSync(local, { recursive: true, force: true });
}
if (values.report) writeFileSync(values.report, JSON.stringify(result));
process.exitCode = result.failed > 0 ? 1 : 0;

async function check(what, work) {
  const started = Date.now();
  try {
    await work();
    result.passed += 1;
    say(`✓ ${what} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    result.failed += 1;
    say(`✗ ${what}: ${error.message}`);
    for (const said of [error.stdout, error.stderr]) if (said) say(String(said).slice(-3_000));
  }
}

/** Why the last release cannot be run here. */
async function whyNot() {
  try {
    await run('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: root });
    return undefined;
  } catch {
    return `this checkout does not have the history back to ${commit.slice(0, 12)}`;
  }
}

async function schemas() {
  await checkOut();
  rmSync(local, { recursive: true, force: true });
  mkdirSync(local, { recursive: true });
  const postgres = await startPostgres({ dir: join(local, 'postgres'), tied: true });
  try {
    // A service that the last release did not have has no code of it to run.
    const services = system.filter(({ migrates, run }) => migrates && existsSync(join(old, run)));
    const found = await Promise.all(services.map((one) => migrated(one, postgres.url)));
    const wrong = found.flat().filter((broken) => !(broken in accepted));
    const outdated = Object.keys(accepted).filter((broken) => !found.flat().includes(broken));
    if (wrong.length > 0)
      throw new Error(
        `the last release, ${commit.slice(0, 12)}, would fail:\n  ${wrong.join('\n  ')}\n` +
          'Split the change: add now, and take away in a release after the one that no longer uses it (k8s/day-2.md, Upgrade). ' +
          'If the last release cannot meet what is listed, write the line and the reason into "accepted" of tools/upgrade/last-release.json.',
      );
    if (outdated.length > 0)
      throw new Error(
        `"accepted" of tools/upgrade/last-release.json lists what is not so: ${outdated.join('; ')}`,
      );
  } finally {
    await postgres.stop();
  }
}

/** Migrates a service's database as the last release, then as this one. @returns what the latter breaks */
async function migrated({ name, run: program, database }, url) {
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl(url, database, database),
    MIGRATION_DATABASE_URL: databaseUrl(url, database, `${database}_owner`),
    ADMIN_DATABASE_URL: url,
  };
  const schemaBy = async (checkout) => {
    await run(process.execPath, [join(checkout, program), 'migrate'], { cwd: checkout, env });
    const client = new pg.Client({ connectionString: databaseUrl(url, database) });
    await client.connect();
    return readSchema(client).finally(() => client.end());
  };
  const before = await schemaBy(old);
  return breaks(before, await schemaBy(root)).map((broken) => `${name}: ${broken}`);
}

/** `npm start` of the last release, on these databases; its own migration finds nothing left to do. */
async function demo() {
  const env = {
    ...process.env,
    ISTHMUS_LOCAL_DIR: local,
    NATS_SERVER_BIN: await fetchNatsServer(),
  };
  const lines = [];
  const child = spawn(process.execPath, [join(old, 'tools/start/start.mjs'), '--once'], {
    cwd: old,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => child.kill('SIGTERM'));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => lines.push(String(chunk)));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw Object.assign(new Error(`it ended with ${code}`), { stdout: lines.join('') });
}

/** The last release in a folder of its own, with its packages, built. It stays for the next time. */
async function checkOut() {
  if (existsSync(join(old, 'built'))) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(old, { recursive: true });
  const archive = join(folder, 'source.tar');
  await run('git', ['archive', '--output', archive, commit], { cwd: root });
  await run('tar', ['-xf', archive, '-C', old]);
  rmSync(archive);
  // Links of workspaces are relative, so that copies of them lead to the libraries of the old checkout.
  if (hasPackagesOf(old)) await run('cp', ['-al', join(root, 'node_modules'), join(old, 'node_modules')]);
  else await run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { ...tools, cwd: old });
  mkdirSync(join(old, '.local'), { recursive: true });
  const build = `import('./tools/prepare/packages-and-build.mjs').then(({ build }) => build())`;
  await run(process.execPath, ['--eval', build], { ...tools, cwd: old });
  writeFileSync(join(old, 'built'), '');
}

/** Whether every package of another checkout is installed here, in the same version. */
function hasPackagesOf(checkout) {
  const [theirs, ours] = [checkout, root].map(
    (one) => JSON.parse(readFileSync(join(one, 'package-lock.json'), 'utf8')).packages,
  );
  return Object.entries(theirs).every(
    ([path, wanted]) =>
      !path.includes('node_modules/') ||
      (ours[path]?.version === wanted.version && ours[path]?.integrity === wanted.integrity),
  );
}

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, spawnTied } from '../servers/index.mjs';
import { eventually } from './probes.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isthmus-tied-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const servers = join(root, 'libs/testing/servers/index.mjs');
const pidsIn = async (file: string): Promise<number[]> =>
  JSON.parse(await readFile(join(folder, file), 'utf8'));
/** A process that has ended and was not waited for yet is dead too. */
const isAlive = async (pid: number): Promise<boolean> =>
  existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(await readFile(`/proc/${pid}/status`, 'utf8'));
const allEnded = (pids: number[]) =>
  eventually(async () => (await Promise.all(pids.map(isAlive))).every((alive) => !alive));

/** What starts a PostgreSQL, a nats-server and a paused program, and notes their ids in `file`. */
const startThree = (file: string) =>
  `
  const { writeFileSync } = await import('node:fs');
  const { spawnTied, startNats, startPostgres } = await import(${JSON.stringify(servers)});
  const postgres = await startPostgres({ durable: false, tied: true });
  const nats = await startNats({ tied: true });
  const paused = spawnTied('sh', ['-c', 'echo up; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => paused.stdout.once('data', resolve));
  paused.kill('SIGSTOP');
  const ids = [postgres.pid, nats.pid, paused.pid];
  writeFileSync(${JSON.stringify(join('FOLDER', file))}, JSON.stringify(ids));
`.replaceAll('FOLDER', folder);

async function runSpec(name: string, body: string): Promise<string> {
  await writeFile(join(folder, `${name}.spec.mjs`), body);
  const config = {
    rootDir: folder,
    testMatch: [`<rootDir>/${name}.spec.mjs`],
    runtime: join(root, 'libs/testing/src/spec-runtime.mjs'),
    testEnvironment: join(root, 'libs/testing/src/spec-environment.mjs'),
    transform: {},
  };
  const args = [join(root, 'node_modules/jest/bin/jest.js'), '--config', JSON.stringify(config)];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
}

it('ends what a failed spec has started, also when a hook ran into its time limit', async () => {
  const printed = await runSpec(
    'fails',
    `beforeAll(async () => { ${startThree('fails.json')} }, 600_000);
     beforeAll(() => new Promise(() => {}), 100);
     it('is never reached', () => {});`,
  );
  expect(printed).toContain('1 failed');
  const pids = await pidsIn('fails.json');
  expect(pids).toHaveLength(3);
  await allEnded(pids);
});

it('starts nothing any more for a spec that has ended', async () => {
  const late = join(folder, 'late.txt');
  await runSpec(
    'late',
    `import { writeFileSync } from 'node:fs';
     const { spawnTied } = await import(${JSON.stringify(servers)});
     import { setTimeout as sleep } from 'node:timers/promises';
     it('ends before its start does', () => {
       void sleep(500).then(() => {
         try { spawnTied('true', [], {}); } catch (error) { writeFileSync(${JSON.stringify(late)}, error.message); }
       });
     });`,
  );
  expect(await readFile(late, 'utf8')).toContain('the spec that requested it has ended');
});

it('ends servers and programs with a parent that is killed', async () => {
  const parent = spawnTied(
    process.execPath,
    ['--input-type=module', '-e', `${startThree('killed.json')} setInterval(() => {}, 1000);`],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const pids = await eventually(() => pidsIn('killed.json'));
  expect(await Promise.all(pids.map(isAlive))).toEqual([true, true, true]);
  parent.kill('SIGKILL');
  await allEnded(pids);
});

it('fails a test that tried to leave this machine, also when it did not notice, and a spec that did after its tests', async () => {
  const reach = (name: string) => `await fetch('https://${name}.outside.example/').catch(() => undefined);`;
  const unnoticed = await runSpec(
    'unnoticed',
    `it('does not notice', async () => { ${reach('unnoticed')} });
     it('stays', () => {});`,
  );
  expect(unnoticed).toContain('1 failed, 1 passed');
  expect(unnoticed).toContain('blocked: a look-up of unnoticed.outside.example');
  const late = await runSpec('after', `it('stays', () => {}); afterAll(async () => { ${reach('late')} });`);
  expect(late).toContain('1 failed, 1 total');
  expect(late).toContain('blocked: a look-up of late.outside.example');
});

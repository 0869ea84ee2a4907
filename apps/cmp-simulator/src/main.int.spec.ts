import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const main = new URL('./main.ts', import.meta.url).pathname;
let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

function run(env: Record<string, string>): ChildProcess {
  child = spawn(
    process.execPath,
    ['--experimental-transform-types', '--disable-warning=ExperimentalWarning', main],
    {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  return child;
}

it('says where it listens in one line of JSON, serves the world it was asked for, and ends when told to', async () => {
  const process = run({
    SIM_WORLD: 'sized:50:200',
    SIM_SEED: '3',
    SIM_NOW: '2026-03-01T00:00:00Z',
    SIM_CLOCK: 'stopped',
  });
  const [line] = (await once(createInterface(process.stdout!), 'line')) as [string];
  const { listening } = JSON.parse(line) as { listening: string };
  expect(await (await fetch(`${listening}/_control/clock`)).json()).toMatchObject({
    now: '2026-03-01T00:00:00.000Z',
    running: false,
  });
  process.kill('SIGTERM');
  expect(await once(process, 'exit')).toEqual([0, null]);
});

it('names the variable it cannot read', async () => {
  const process = run({ SIM_SEED: 'many' });
  let said = '';
  process.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(process, 'close')) as [number];
  expect(code).not.toBe(0);
  expect(said).toContain('SIM_SEED must be a whole number, not "many"');
});

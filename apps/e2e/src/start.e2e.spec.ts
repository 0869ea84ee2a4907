import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectNats, eventually, spawnTied } from '@isthmus/testing';
import { jetstream } from '@nats-io/jetstream';
import { nkeyAuthenticator } from '@nats-io/transport-node';

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'isthmus-start-'));

interface Stack {
  services: Record<string, string>;
  tokens: Record<string, { admin: string }>;
  nats: string;
  natsCredentials: {
    keys: string;
    programs: Record<
      string,
      { seed: string; inboxPrefix: string; domain: string; consumers: { stream: string; name: string }[] }
    >;
  };
}
const readStack = () => JSON.parse(readFileSync(join(folder, 'stack.json'), 'utf8')) as Stack;
const recorded = () =>
  JSON.parse(readFileSync(join(folder, 'processes.json'), 'utf8')) as { name: string; pid: number }[];

const started: (() => Promise<unknown>)[] = [];

/** `npm start` after its preparation, as the leader of a process group: what a terminal sends Ctrl-C to. */
function start(...options: string[]) {
  const child = spawnTied(
    'node',
    ['tools/start/start.mjs', ...options],
    { cwd: root, detached: true, env: { ...process.env, ISTHMUS_LOCAL_DIR: folder } },
    'SIGTERM',
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += String(chunk)));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  started.push(() => (child.kill('SIGTERM'), exited));
  const hears = (words: RegExp) =>
    eventually(
      () => {
        if (words.test(said)) return true;
        throw new Error(`It has not said ${words} but:\n${said}`);
      },
      { everyMs: 100 },
    );
  return {
    exited,
    hears,
    said: () => said,
    kill: (signal: NodeJS.Signals) => process.kill(-child.pid!, signal),
  };
}

/** Every process that has our folder in its environment: whatever was started for it, directly or not. */
function processesOfFolder(): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        const mine = environment.split('\0').includes(`ISTHMUS_LOCAL_DIR=${folder}`);
        return mine ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : [];
      } catch {
        return [];
      }
    });
}

async function connectorNames(): Promise<string[]> {
  const { services, tokens } = readStack();
  const [{ admin } = { admin: '' }] = Object.values(tokens);
  const headers = { authorization: `Bearer ${admin}` };
  const answer = await fetch(`${services['connector-config']}/v1/connectors`, { headers });
  const { data } = (await answer.json()) as { data: { name: string }[] };
  return data.map(({ name }) => name);
}

/** Of NATS: nobody without a key, and with a tenant's credentials only as far as that tenant. */
async function letsInOnlyWhoHasAKey(): Promise<void> {
  const { nats, natsCredentials, tokens } = readStack();
  await expect(connectNats(nats, { keys: '' })).rejects.toThrow(/Authorization Violation/i);
  expect(statSync(natsCredentials.keys).mode & 0o077).toBe(0);
  const [one, two] = Object.keys(tokens) as [string, string];
  const { seed, inboxPrefix, domain, consumers } = natsCredentials.programs[one]!;
  const client = await connectNats(nats, {
    keys: '',
    authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
    inboxPrefix,
  });
  try {
    for (const { stream, name } of consumers)
      expect((await jetstream(client, { domain }).consumers.get(stream, name)).isPullConsumer()).toBe(true);
    const other = jetstream(client, { domain }).consumers.get('ACCOUNT_SYNC', `${two}-listener`);
    await expect(other).rejects.toThrow('Permissions Violation');
  } finally {
    await client.close();
  }
}

// PostgreSQL started by root runs as somebody else, who must get in.
beforeAll(() => chmodSync(folder, 0o755));

afterAll(async () => {
  await Promise.all(started.map((end) => end()));
  rmSync(folder, { recursive: true, force: true });
});

it('does the main job on an empty folder, ends with 0 and leaves no process', async () => {
  const first = start('--once');

  const code = await first.exited;
  if (code !== 0) throw new Error(`It ended with ${code} and said:\n${first.said()}`);
  expect(first.said()).toMatch(/Verify Connectivity/);
  expect(first.said()).toMatch(/read 120, .*appeared 120/);
  expect(first.said()).toMatch(/◂ .*account-sync\.provider-subscription-appeared\.v1/);
  for (const kind of ['create', 'change-quantity', 'cancel'])
    expect(first.said()).toMatch(new RegExp(`◂ .*subscription-lifecycle\\.order-settled\\.v1  ${kind} `));
  expect(first.said().match(/ trace [0-9a-f]{32}\.\n/g)).toHaveLength(4);
  expect(first.said().match(/Settled: .* → settled/g)).toHaveLength(4);
  expect(first.said()).toMatch(/Its seats: .*\n\n13\. Cancel it[^]*: (terminated|removed)\./);
  expect(processesOfFolder()).toEqual([]);
  expect(existsSync(join(folder, 'stack.json'))).toBe(false);
});

it('leaves a running stack alone, brings back what dies, survives its own death and ends with Ctrl-C', async () => {
  const first = start('--no-demo');
  await first.hears(/Ctrl-C stops everything/);
  await letsInOnlyWhoHasAKey();

  const second = start();
  expect(await second.exited).toBe(0);
  expect(second.said()).toMatch(/already running/);
  expect(await connectorNames()).toEqual(['IngramMicro US']);

  const victim = recorded().find(({ name }) => name === 'connector-config')!;
  process.kill(victim.pid, 'SIGKILL');
  await first.hears(/connector-config is up again/);
  expect(await connectorNames()).toEqual(['IngramMicro US']);

  first.kill('SIGKILL');
  await first.exited;
  expect(processesOfFolder().length).toBeGreaterThan(3);
  const third = start('--no-demo');
  await third.hears(/Ctrl-C stops everything/);
  expect(third.said()).toMatch(/earlier start had left running: .*connector-config/);
  expect(await connectorNames()).toEqual(['IngramMicro US']);

  third.kill('SIGINT');
  expect(await third.exited).toBe(0);
  expect(processesOfFolder()).toEqual([]);
});

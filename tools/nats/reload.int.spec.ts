import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  connectNats,
  eventually,
  freePort,
  type RunningNats,
  spawnTied,
  standIn,
  startNats,
} from '@isthmus/testing';
import { fetchNatsServer, natsConfig } from '@isthmus/testing/servers';
import { type ConsumerMessages, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { identityOf } from '../start/processes.mjs';

const root = join(import.meta.dirname, '../..');
const tenant = randomUUID();
const event = (type: string) => `account-sync.${tenant}.${type}`;
let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'isthmus reload-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}
/** A program of ours, in an environment that names no running system. */
async function run(file: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const surroundings = {
    ...process.env,
    ISTHMUS_LOCAL_DIR: folder,
    STACK_FILE: join(folder, 'stack.json'),
    ...env,
  };
  try {
    const ended = await promisify(execFile)(process.execPath, [join(root, file), ...args], {
      env: surroundings,
    });
    return { code: 0, ...ended };
  } catch (error) {
    return error as Ended;
  }
}
const tool = (args: string[], url = '') =>
  run('tools/nats/nats.mjs', [...args, '--folder', folder], url ? { NATS_URL: url } : {});
const listener = (env: Record<string, string>) => run('examples/subscription-listener/listen.mjs', [], env);

/** Where the server reads what the tool writes, as with `npm start`. */
const startHere = (program?: string): Promise<RunningNats> =>
  startNats({
    dir: join(folder, 'store'),
    keys: folder,
    config: join(folder, 'nats.conf'),
    programs: program ? [{ tenant, program }] : [],
  });
/** Records the server as `npm start` does. */
const asNpmStart = (server: RunningNats) =>
  writeFile(
    join(folder, 'processes.json'),
    JSON.stringify([{ name: 'nats', pid: server.pid, identity: identityOf(server.pid), signal: 'SIGTERM' }]),
  );
/** It ends when it is disconnected. */
const operatorOf = (server: RunningNats) => connectNats(server.url, { keys: folder, reconnect: false });
const programOf = (server: RunningNats, program: string): Promise<NatsConnection> =>
  connectNats(server.url, {
    keys: folder,
    user: `programs/${tenant}/${program}`,
    inboxPrefix: `_INBOX.program.${tenant}.${program}`,
    reconnect: false,
  });
async function next(client: NatsConnection, program: string): Promise<string[]> {
  const consumer = await jetstream(client, { domain: 'isthmus' }).consumers.get(
    'ACCOUNT_SYNC',
    `${tenant}-${program}`,
  );
  const messages: ConsumerMessages = await consumer.fetch({ max_messages: 9, expires: 1_000 });
  const subjects: string[] = [];
  for await (const message of messages) {
    subjects.push(message.subject);
    message.ack();
  }
  return subjects;
}

it('lets a program in at a reload, and another one out, while streams, consumers and connections stay', async () => {
  const server = await startHere('leaving');
  const operator = await operatorOf(server);
  await standIn(server.url, folder);
  await jetstream(operator).publish(event('before'), '{}');
  expect(await tool(['consumers', tenant, 'leaving'], server.url)).toMatchObject({ code: 0 });
  const leaving = await programOf(server, 'leaving');
  expect(await next(leaving, 'leaving')).toEqual([event('before')]);

  await rm(join(folder, 'programs', tenant, 'leaving.nk'));
  expect(await tool(['program', tenant, 'billing-export'])).toMatchObject({ code: 0 });
  await asNpmStart(server);
  expect(await tool(['reload'])).toMatchObject({ code: 0, stderr: '' });
  await leaving.closed();
  expect(await tool(['consumers', tenant, 'billing-export'], server.url)).toMatchObject({
    code: 0,
    stderr: '',
  });
  await jetstream(operator).publish(event('after'), '{}');
  const arriving = await programOf(server, 'billing-export');
  expect(await next(arriving, 'billing-export')).toEqual([event('before'), event('after')]);
  const streams = await jetstreamManager(operator);
  expect((await streams.streams.info('ACCOUNT_SYNC')).state.messages).toBe(2);
  expect((await streams.consumers.info('ACCOUNT_SYNC', `${tenant}-leaving`)).ack_floor.consumer_seq).toBe(1);
  expect(operator.isClosed()).toBe(false);
  await Promise.all([arriving.close(), operator.close()]);
  await server.stop();
});

it('says when a program does not reach its consumers yet: before a reload, and after the first', async () => {
  const server = await startHere();
  await standIn(server.url, folder);
  await tool(['program', tenant, 'early']);
  const create = () => tool(['consumers', tenant, 'early'], server.url);
  expect(await create()).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/does not accept the key .*early\.nk/),
  });
  process.kill(server.pid, 'SIGHUP');
  const knows = async () => (await programOf(server, 'early')).close().then(() => true);
  await eventually(knows);
  const once = await create();
  // Should a later release of nats-server need one reload only, this has no more to say.
  expect(once).toMatchObject({ code: 1, stderr: expect.stringContaining('Reload the server once more') });
  process.kill(server.pid, 'SIGHUP');
  await eventually(async () => (await create()).code === 0);
  await server.stop();
});

it('finds the streams of a server that was started with JetStream as options', async () => {
  const [store, port] = [join(folder, 'store'), await freePort()];
  const conf = await natsConfig(folder);
  const before = conf.replace(/^jetstream .*$/m, '');
  expect(before).not.toBe(conf);
  await writeFile(join(folder, 'before.conf'), before);
  const options = [
    '-js',
    '-sd',
    store,
    '-a',
    '127.0.0.1',
    '-p',
    String(port),
    '-c',
    join(folder, 'before.conf'),
  ];
  const old = spawnTied(await fetchNatsServer(), options, { stdio: 'ignore' }, 'SIGTERM');
  const operator = await eventually(() => connectNats(`nats://127.0.0.1:${port}`, { keys: folder }));
  await (
    await jetstreamManager(operator)
  ).streams.add({ name: 'ACCOUNT_SYNC', subjects: ['account-sync.>'] });
  await jetstream(operator).publish(event('kept'), '{}');
  await operator.close();
  const ended = new Promise((resolve) => old.once('exit', resolve));
  old.kill('SIGTERM');
  await ended;

  const server = await startHere();
  const again = await operatorOf(server);
  const { state } = await (await jetstreamManager(again)).streams.info('ACCOUNT_SYNC');
  expect(state.messages).toBe(1);
  await again.close();
  await server.stop();
});

it('does not start a server that is not told where its files are', async () => {
  await writeFile(join(folder, 'nats.conf'), await natsConfig(folder));
  const started = promisify(execFile)(
    await fetchNatsServer(),
    ['-c', join(folder, 'nats.conf'), '-p', '-1'],
    {
      env: {},
      timeout: 10_000,
    },
  );
  await expect(started).rejects.toThrow("variable reference for 'NATS_STORE_DIR'");
});

describe('of a mistake says what happened and what to do, without a stack', () => {
  const readable = (ended: Ended, ...words: string[]) => {
    expect(ended.code).toBe(1);
    for (const word of words) expect(ended.stderr).toContain(word);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(ended.stderr.trim().split('\n').length).toBe(1);
  };
  const nowhere = 'nats://127.0.0.1:1';
  const keyFile = (program: string) => join(folder, 'programs', tenant, `${program}.nk`);
  const own = (program: string, url: string) => ({
    NATS_URL: url,
    TENANT: tenant,
    PROGRAM: program,
    NATS_NKEY_SEED_FILE: keyFile(program),
  });

  it('the creation of consumers: no key, no server, another key, no JetStream', async () => {
    readable(
      await tool(['consumers', tenant, 'x'], nowhere),
      'operator.nk cannot be read (ENOENT)',
      '--folder',
    );
    await tool(['keys']);
    readable(
      await tool(['consumers', tenant, 'x'], nowhere),
      `NATS at ${nowhere} cannot be reached`,
      'NATS_URL',
    );
    const server = await startHere();
    await rm(join(folder, 'operator.nk'));
    await tool(['config']);
    readable(
      await tool(['consumers', tenant, 'x'], server.url),
      'does not accept the key',
      'reload the server',
    );
    await server.stop();
    const conf = await readFile(join(folder, 'nats.conf'), 'utf8');
    await writeFile(join(folder, 'nats.conf'), conf.replace(/^jetstream .*$/m, ''));
    const port = await freePort();
    const without = spawnTied(
      await fetchNatsServer(),
      ['-a', '127.0.0.1', '-p', String(port), '-c', join(folder, 'nats.conf')],
      { stdio: 'ignore' },
    );
    const url = `nats://127.0.0.1:${port}`;
    await eventually(async () => (await connectNats(url, { keys: folder })).close().then(() => true));
    readable(await tool(['consumers', tenant, 'x'], url), `JetStream is off on NATS at ${url}`, 'nats.conf');
    without.kill();
  });

  it('the tool in general', async () => {
    readable(await run('tools/nats/nats.mjs', ['reload']), 'No server of npm start is running here');
    readable(await tool(['keys', '--no-such-option']), '--no-such-option');
    readable(await tool(['consumers', '*', 'x']), 'is not a tenant as subjects have it');
  });

  it('the example: no tenant, no key, a file that is no key, no server', async () => {
    readable(await listener({ TENANT: '' }), 'Set TENANT');
    readable(await listener({ TENANT: tenant, NATS_NKEY_SEED_FILE: '' }), 'NATS_NKEY_SEED_FILE');
    readable(await listener(own('x', nowhere)), 'cannot be read (ENOENT)');
    await tool(['program', tenant, 'x']);
    readable(await listener(own('x', nowhere)), `NATS at ${nowhere} cannot be reached`, 'NATS_URL');
    const server = await startHere();
    await writeFile(keyFile('x'), 'junk');
    readable(await listener(own('x', server.url)), 'has to be the text that begins with SU');
    await server.stop();
  });

  it('the example: a key that is unknown, without consumers, of another program, and revoked while it listens', async () => {
    const server = await startHere('known');
    await standIn(server.url, folder);
    readable(await listener(own('known', server.url)), 'has no consumer for', `-- consumers ${tenant} known`);
    readable(await listener({ ...own('known', server.url), PROGRAM: 'other' }), 'Check TENANT and PROGRAM');
    await tool(['program', tenant, 'unknown']);
    readable(await listener(own('unknown', server.url)), 'refused the key', 'reload the server');

    await tool(['consumers', tenant, 'known'], server.url);
    const listening = listener(own('known', server.url));
    const operator = await operatorOf(server);
    const manager = await jetstreamManager(operator);
    await eventually(async () => {
      const { num_waiting: waiting } = await manager.consumers.info('ACCOUNT_SYNC', `${tenant}-known`);
      return waiting > 0;
    });
    await operator.close();
    await rm(keyFile('known'));
    await tool(['config']);
    process.kill(server.pid, 'SIGHUP');
    readable(await listening, 'refused the key', 'it was revoked');
    await server.stop();
  });
});

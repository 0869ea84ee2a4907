import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { FindApiKey } from '@isthmus/contracts';
import {
  eventually,
  fetchNatsServer,
  freePort,
  type RunningNats,
  spawnTied,
  startNats,
} from '@isthmus/testing';
import { nkeys } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import { failureKind } from '../failure.ts';
import { MessagingOptions } from '../messaging-options.ts';
import { isUnreachable, RequestClient } from '../requests.ts';
import { NatsConnection } from './nats-connection.ts';
import { NatsKey } from './nats-key.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const pair = nkeys.createUser();
const seed = text(pair.getSeed());

let nats: RunningNats;
let folder: string;
const logged: string[] = [];

beforeAll(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), 'isthmus-key-'));
  const keep = (line: unknown) => void logged.push(String(line));
  Logger.overrideLogger({ log: keep, warn: keep, error: keep });
});
beforeEach(() => void logged.splice(0));
afterAll(async () => {
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a key', () => {
  it('comes from the variable, from the file, or from the file of the user’s name in a folder', async () => {
    const file = join(folder, 'webhooks.nk');
    await writeFile(file, `${seed}\n`);
    for (const env of [
      { NATS_NKEY_SEED: seed, NATS_NKEY_SEED_FILE: '/nowhere' },
      { NATS_NKEY_SEED_FILE: file },
      { NATS_NKEY_SEED_FILE: folder },
    ])
      expect(NatsKey.ofEnvironment(env, 'webhooks')?.publicKey).toBe(pair.getPublicKey());
    expect(NatsKey.ofEnvironment({}, 'webhooks')).toBeUndefined();
  });

  it('that cannot be read is refused with the file that was looked for', () => {
    const read = () => NatsKey.ofEnvironment({ NATS_NKEY_SEED_FILE: folder }, 'nobody');
    expect(read).toThrow(join(folder, 'nobody.nk'));
    expect(read).toThrow('NATS_NKEY_SEED_FILE');
  });

  it.each([
    ['cut short', seed.slice(0, -2)],
    ['changed', seed.slice(0, 20) + (seed[20] === 'A' ? 'B' : 'A') + seed.slice(21)],
    ['of an account', text(nkeys.createAccount().getSeed())],
    ['a public key', pair.getPublicKey()],
    ['a password', 'hunter2'],
  ])('that is %s is refused, and not repeated', (_, wrong) => {
    const error = (() => {
      try {
        return NatsKey.of(wrong);
      } catch (caught) {
        return caught as Error;
      }
    })();
    expect(error).toMatchObject({ code: 'nats.bad-key' });
    expect(inspect(error, { depth: 5 })).not.toContain(wrong);
  });

  it('prints its public part at most', () => {
    const key = NatsKey.of(seed);
    const options = new MessagingOptions({ service: 'webhooks', natsUrl: nats.url, natsAccess: { key } });
    const printed = [key, options, { key }].map(
      (value) => inspect(value, { depth: 9, showHidden: true }) + JSON.stringify(value) + String(value),
    );
    expect(printed.join()).not.toContain(seed.slice(2, 20));
  });
});

describe('a connection', () => {
  const attempt = async (key: NatsKey | undefined, expected: RegExp) => {
    const connection = new NatsConnection(nats.url, 'webhooks', { key });
    try {
      return await eventually(() => logged.find((line) => expected.test(line)));
    } finally {
      await connection.close();
    }
  };

  it('without a key says which setting is missing', async () => {
    expect(await attempt(undefined, /asks for a key/)).toMatch(/webhooks has none.*NATS_NKEY_SEED_FILE/);
  });

  it('to a server that lets anybody in says so, also when the service has a key', async () => {
    const port = await freePort();
    const open = spawnTied(await fetchNatsServer(), ['-a', '127.0.0.1', '-p', String(port)], {
      stdio: 'ignore',
    });
    for (const key of [undefined, NatsKey.of(seed)]) {
      logged.splice(0);
      const connection = new NatsConnection(`nats://127.0.0.1:${port}`, 'webhooks', { key });
      try {
        await connection.ready();
        expect(logged.join()).toMatch(
          new RegExp(`127\\.0\\.0\\.1:${port} lets anybody in; .*configuration that names its users`),
        );
      } finally {
        await connection.close();
      }
    }
    open.kill('SIGKILL');
  });

  it('to a server that knows its users does not', async () => {
    const key = NatsKey.of(await readFile(join(nats.keys, 'webhooks.nk'), 'utf8'));
    const connection = new NatsConnection(nats.url, 'webhooks', { key });
    await connection.ready();
    await connection.close();
    expect(logged.join()).not.toContain('anybody');
  });

  it('with a key that the server does not know says which, and where it belongs', async () => {
    const line = await attempt(NatsKey.of(seed), /does not know/);
    expect(line).toContain(pair.getPublicKey());
    expect(line).toMatch(/of webhooks.*configuration.*NATS_NKEY_SEED_FILE/);
    expect(logged.join()).not.toContain(seed);
  });

  it('that is refused a subject says which, of whom, and what to check', async () => {
    const key = NatsKey.of(await readFile(join(nats.keys, 'webhooks.nk'), 'utf8'));
    const connection = new NatsConnection(nats.url, 'webhooks', { key });
    try {
      const core = await connection.ready();
      core.subscribe('account-sync.>', { callback: () => undefined });
      const line = await eventually(() => logged.find((one) => /does not let/.test(one)));
      expect(line).toMatch(/webhooks subscribe to account-sync\.>.*NATS_NKEY_SEED_FILE/);
      const options = new MessagingOptions({ service: 'webhooks', natsUrl: nats.url });
      const error: unknown = await new RequestClient(connection, options)
        .request(FindApiKey, { keyHash: 'a'.repeat(64) })
        .catch((caught: unknown) => caught);
      expect(error).toMatchObject({
        code: 'nats.permission-denied',
        subject: 'rpc.connector-config.find-api-key',
        message: expect.stringMatching(/does not let webhooks publish under .*NATS_NKEY_SEED_FILE/),
      });
      // Nothing is wrong with what was to be done: it is to be tried again, not parked.
      expect([failureKind(error), isUnreachable(error)]).toEqual(['unavailable', true]);
    } finally {
      await connection.close();
    }
  });
});

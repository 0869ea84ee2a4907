import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  fetchNatsServer,
  freePort,
  natsConfig,
  spawnTied,
  startNats,
  storeSetting,
  testCertificates,
  type TestCertificates,
} from '@isthmus/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { nkeys } from '@nats-io/transport-node';
import { ensureStream, eventStream } from './jetstream.ts';
import { type NatsAccess, natsServers } from './nats-access.ts';
import { NatsConnection } from './nats-connection.ts';
import { NatsKey } from './nats-key.ts';

let certificates: TestCertificates;
let folder: string;
let keys: string;
/** Port of a server that knows users by names and passwords. */
let port: number;
/** Port of a server that knows services by their keys, as ours do in production. */
let portWithKeys: number;
beforeAll(async () => {
  certificates = await testCertificates();
  folder = await mkdtemp(join(tmpdir(), 'isthmus-nats-accounts-'));
  keys = join(folder, 'keys');
  [port, portWithKeys] = await Promise.all([
    startEncrypted(`jetstream { store_dir: $${storeSetting} }
    accounts {
      ISTHMUS { jetstream: enabled, users: [ { user: isthmus, password: "p@ss/word" } ] }
      OTHERS { users: [ { user: other, password: other } ] }
    }`),
    natsConfig(keys).then(startEncrypted),
  ]);
});
afterAll(async () => {
  await certificates.remove();
  await rm(folder, { recursive: true, force: true });
});

/** A server that accepts no connection without TLS; it ends with this spec. */
async function startEncrypted(accounts: string): Promise<number> {
  const listen = await freePort();
  const config = join(folder, `${listen}.conf`);
  await writeFile(
    config,
    `listen: "127.0.0.1:${listen}"
     tls { cert_file: "${certificates.cert}", key_file: "${certificates.key}" }
     ${accounts}`,
  );
  const server = spawnTied(await fetchNatsServer(), ['-c', config], {
    env: { ...process.env, [storeSetting]: JSON.stringify(join(folder, `store-${listen}`)) },
  });
  await new Promise<void>((ready, failed) => {
    server.stderr.on('data', (chunk) => String(chunk).includes('Server is ready') && ready());
    server.once('exit', () => failed(new Error('nats-server ended before it was ready')));
  });
  return listen;
}

const keyOf = async (service: string): Promise<NatsKey> =>
  NatsKey.of(await readFile(join(keys, `${service}.nk`), 'utf8'));

/** Whether a service gets a connection that can be used; it tries for ever. */
async function outcome(
  url: string,
  access: NatsAccess = {},
  withinMs = 2_000,
): Promise<'connected' | 'not connected'> {
  const connection = new NatsConnection(url, 'account-sync', access);
  try {
    const core = await connection.ready(AbortSignal.timeout(withinMs));
    expect(core.info?.tls_required).toBe(true);
    await (await jetstreamManager(core)).getAccountInfo();
    return 'connected';
  } catch {
    return 'not connected';
  } finally {
    await connection.close();
  }
}

const secret = encodeURIComponent('p@ss/word');

it('reaches an account of a server with TLS, by the name and the password in its address', async () => {
  const url = `nats://isthmus:${secret}@127.0.0.1:${port}`;
  expect(await outcome(url, { caFile: certificates.ca }, 20_000)).toBe('connected');
  const encrypted = `tls://isthmus:${secret}@127.0.0.1:${port}`;
  expect(await outcome(encrypted, { caFile: certificates.ca }, 20_000)).toBe('connected');
});

it('does not connect to a server that another CA vouches for, to one with another name, or without a right password', async () => {
  const ca = { caFile: certificates.ca };
  const refused = [
    outcome(`nats://isthmus:${secret}@127.0.0.1:${port}`, { caFile: certificates.strangersCa }),
    outcome(`nats://isthmus:${secret}@127.0.0.1:${port}`),
    outcome(`nats://isthmus:${secret}@localhost:${port}`, ca),
    outcome(`nats://isthmus:wrong@127.0.0.1:${port}`, ca),
    outcome(`nats://127.0.0.1:${port}`, ca),
    // An account without JetStream is none of ours.
    outcome(`nats://other:other@127.0.0.1:${port}`, ca),
  ];
  expect(await Promise.all(refused)).toEqual(refused.map(() => 'not connected'));
});

it('connects over TLS with the key of a service, which then has the permissions of that service', async () => {
  const access = { key: await keyOf('account-sync'), caFile: certificates.ca };
  const connection = new NatsConnection(`nats://127.0.0.1:${portWithKeys}`, 'account-sync', access);
  try {
    const core = await connection.ready(AbortSignal.timeout(20_000));
    expect(core.info?.tls_required).toBe(true);
    const jsm = await jetstreamManager(core, { checkAPI: false });
    expect((await ensureStream(jsm, eventStream('account-sync', 1))).config.name).toBe('ACCOUNT_SYNC');
    await expect(jsm.streams.info('PRODUCT_CATALOG')).rejects.toThrow(/Permissions Violation/);
  } finally {
    await connection.close();
  }
});

it('does not connect with a key that the server does not know, or to a server with TLS that nobody vouches for', async () => {
  const url = `nats://127.0.0.1:${portWithKeys}`;
  const [key, caFile] = [await keyOf('account-sync'), certificates.ca];
  expect(await outcome(url, { key, caFile }, 20_000)).toBe('connected');
  const stranger = NatsKey.of(new TextDecoder().decode(nkeys.createUser().getSeed()));
  const refused = [
    outcome(url, { key: stranger, caFile }),
    outcome(url, { caFile }),
    outcome(url, { key }),
    outcome(url, { key, caFile: certificates.strangersCa }),
  ];
  expect(await Promise.all(refused)).toEqual(refused.map(() => 'not connected'));
});

it('never says its password to a server without TLS when TLS was asked for', async () => {
  const plain = await startNats();
  try {
    for (const [url, access] of [
      [plain.url.replace('nats:', 'tls:'), {}],
      [plain.url, { caFile: certificates.ca }],
    ] as const) {
      const connection = new NatsConnection(url, 'spec', access);
      await expect(connection.ready(AbortSignal.timeout(1_000))).rejects.toThrow(/not connected/);
      await connection.close();
    }
  } finally {
    await plain.stop();
  }
});

it('takes several addresses, a token, and credentials that are read at each attempt', () => {
  expect(natsServers('nats://a:4222, nats://b:4223')).toMatchObject({ servers: ['a:4222', 'b:4223'] });
  expect(natsServers('nats://t0ken@a:4222')).toMatchObject({ servers: ['a:4222'], token: 't0ken' });
  const credsFile = join(folder, 'later.creds');
  const sign = (access: NatsAccess) =>
    (natsServers('nats://a', access).authenticator as (nonce?: string) => unknown)('nonce');
  expect(() => sign({ credsFile })).toThrow(/later\.creds/);
  const key = NatsKey.of(new TextDecoder().decode(nkeys.createUser().getSeed()));
  expect(sign({ credsFile, key })).toMatchObject({ nkey: key.publicKey });
});

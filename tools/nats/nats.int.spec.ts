import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectNats, type RunningNats, standIn, startNats } from '@isthmus/testing';
import { AckPolicy, type ConsumerMessages, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { createConsumers } from '../start/program-consumers.mjs';

const [a, b] = [randomUUID(), randomUUID()];
const program = 'billing-export';
const domain = 'isthmus';
const own = `account-sync.${a}.provider-account-closed.v1`;
const foreign = `account-sync.${b}.provider-account-closed.v1`;
let keys: string;
let nats: RunningNats;
let everybody: NatsConnection;
let client: NatsConnection;

beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'isthmus-programs-'));
  nats = await startNats({ keys, programs: [a, b].map((tenant) => ({ tenant, program })) });
  await standIn(nats.url, keys);
  for (const tenant of [a, b]) await createConsumers(nats.url, keys, { tenant, program });
  everybody = await connectNats(nats.url, { keys });
  client = await connectNats(nats.url, {
    keys,
    user: `programs/${a}/${program}`,
    inboxPrefix: `_INBOX.program.${a}.${program}`,
  });
  for (const subject of [foreign, own, foreign]) await jetstream(everybody).publish(subject, subject);
});
afterAll(async () => {
  await client?.close();
  await everybody?.close();
  await nats?.stop();
  await rm(keys, { recursive: true, force: true });
});

const refused = async (subject: string, payload: unknown = {}) => {
  const request = client.request(subject, JSON.stringify(payload), { timeout: 2_000 });
  await expect(request).rejects.toThrow(`Permissions Violation for Publish to "${subject}"`);
};

async function take(messages: ConsumerMessages, most: number): Promise<string[]> {
  const taken: string[] = [];
  for await (const message of messages) {
    taken.push(message.subject);
    message.ack();
    if (taken.length === most) break;
  }
  return taken;
}

it('takes the events of its tenant from the consumers made for it, and is told once of each', async () => {
  const consumer = await jetstream(client, { domain }).consumers.get('ACCOUNT_SYNC', `${a}-${program}`);
  expect(await take(await consumer.fetch({ max_messages: 10, expires: 1_000 }), 10)).toEqual([own]);
  expect(await take(await consumer.fetch({ max_messages: 10, expires: 1_000 }), 10)).toEqual([]);
});

it('subscribes to what is published of its tenant, and to nothing else', async () => {
  const received: string[] = [];
  client.subscribe(`*.${a}.>`, { callback: (_, { subject }) => void received.push(subject) });
  await client.flush();
  for (const subject of [foreign, own, foreign]) everybody.publish(subject, '{}');
  await everybody.flush();
  await client.flush();
  expect(received).toEqual([own]);
});

it.each([
  `*.${b}.>`,
  foreign,
  'account-sync.>',
  'account-sync.*.>',
  `account-sync.*.provider-account-closed.v1`,
  '*.*.provider-account-closed.v1',
  '>',
  'rpc.>',
  'rpc.account-sync.read-invoice',
  '_INBOX.>',
  `_INBOX.program.${b}.>`,
  '_INBOX.account-sync.>',
  '$KV.budgets.>',
  '$JS.API.>',
])('may not subscribe to %s', async (subject) => {
  let refusal: Error | null = null;
  const subscription = client.subscribe(subject, { callback: (error) => void (refusal ??= error) });
  // What the server refuses it says before it answers this.
  await client.flush();
  subscription.unsubscribe();
  expect(String(refusal)).toContain('Permissions Violation for Subscription');
});

const config = { name: 'mine', durable_name: 'mine', ack_policy: 'explicit', deliver_policy: 'all' };
it.each<[string, string, object]>([
  ['its own tenant', `mine.account-sync.${a}.>`, { filter_subject: `account-sync.${a}.>` }],
  ['another tenant', `mine.account-sync.${b}.>`, { filter_subject: `account-sync.${b}.>` }],
  ['every tenant', 'mine.account-sync.*.>', { filter_subject: 'account-sync.*.>' }],
  ['nothing', 'mine', {}],
  [
    'several subjects',
    `mine.account-sync.${a}.>`,
    { filter_subjects: [`account-sync.${a}.>`, `account-sync.${b}.>`] },
  ],
])('may not create a consumer, not even one filtered by %s', async (_, path, filter) => {
  const request = { stream_name: 'ACCOUNT_SYNC', config: { ...config, ...filter }, action: '' };
  await refused(`$JS.API.CONSUMER.CREATE.ACCOUNT_SYNC.${path}`, request);
  await refused('$JS.API.CONSUMER.CREATE.ACCOUNT_SYNC', request);
  await refused('$JS.API.CONSUMER.DURABLE.CREATE.ACCOUNT_SYNC.mine', request);
});

it('may not change the consumer made for it', async () => {
  const name = `${a}-${program}`;
  const wider = { ...config, name, durable_name: name, filter_subject: `account-sync.${b}.>` };
  const request = { stream_name: 'ACCOUNT_SYNC', config: wider, action: 'update' };
  await refused(`$JS.API.CONSUMER.CREATE.ACCOUNT_SYNC.${name}.account-sync.${b}.>`, request);
  await refused(`$JS.API.CONSUMER.DURABLE.CREATE.ACCOUNT_SYNC.${name}`, request);
  await refused(`$JS.API.CONSUMER.DELETE.ACCOUNT_SYNC.${name}`);
});

it('may not take from, or look at, the consumer of another tenant or of a service', async () => {
  for (const name of [`${b}-${program}`, 'webhooks', 'subscription-lifecycle']) {
    for (const api of ['$JS.API', `$JS.${domain}.API`]) {
      await refused(`${api}.CONSUMER.MSG.NEXT.ACCOUNT_SYNC.${name}`, { batch: 1 });
      await refused(`${api}.CONSUMER.INFO.ACCOUNT_SYNC.${name}`);
    }
    await refused(`$JS.ACK.ACCOUNT_SYNC.${name}.1.1.1.1.0`);
  }
});

it('may not read a stream by sequence or by subject, nor its description', async () => {
  await refused('$JS.API.STREAM.MSG.GET.ACCOUNT_SYNC', { seq: 1 });
  await refused('$JS.API.STREAM.MSG.GET.ACCOUNT_SYNC', { last_by_subj: foreign });
  await refused('$JS.API.DIRECT.GET.ACCOUNT_SYNC', { seq: 1 });
  await refused(`$JS.API.DIRECT.GET.ACCOUNT_SYNC.${foreign}`);
  for (const action of ['INFO', 'CREATE', 'UPDATE', 'DELETE', 'PURGE', 'SNAPSHOT'])
    await refused(`$JS.API.STREAM.${action}.ACCOUNT_SYNC`);
  for (const action of ['STREAM.NAMES', 'STREAM.LIST', 'CONSUMER.NAMES.ACCOUNT_SYNC', 'INFO'])
    await refused(`$JS.API.${action}`);
});

it.each([
  ['deletes no stream', '$JS.API.STREAM.DELETE.PRODUCT_CATALOG'],
  ['purges no stream', '$JS.API.STREAM.PURGE.PRODUCT_CATALOG'],
  ['deletes no consumer of a service', '$JS.API.CONSUMER.DELETE.PRODUCT_CATALOG.stray'],
  ['publishes no event', `product-catalog.${b}.product-withdrawn.v1`],
  ['sends no request', 'rpc.connector-config.open-connector'],
  ['responds to nobody', '_INBOX.rest-provider.guessed'],
  ['sends nothing to a program of another tenant', `_INBOX.program.${b}.${program}.guessed`],
])('%s by naming a subject to which the server is to respond', async (_, reply) => {
  const manager = await jetstreamManager(everybody);
  const stray = { durable_name: 'stray', ack_policy: AckPolicy.Explicit };
  await manager.consumers.add('PRODUCT_CATALOG', stray);
  await jetstream(everybody).publish(foreign.replace('account-sync', 'product-catalog'), 'theirs');
  const { state: before } = await manager.streams.info('PRODUCT_CATALOG');
  const sent: string[] = [];
  const watch = everybody.subscribe(reply, { callback: (__, { subject }) => void sent.push(subject) });
  await everybody.flush();

  const at = (stream: string) => `${stream}.${a}-${program}`;
  const publish = (subject: string, payload: string) => client.publish(subject, payload, { reply });
  for (const pull of [{ no_wait: true }, { expires: 50_000_000 }, { expires: 3e8, idle_heartbeat: 1e8 }])
    publish(`$JS.${domain}.API.CONSUMER.MSG.NEXT.${at('WEBHOOKS')}`, JSON.stringify({ batch: 1, ...pull }));
  publish(`$JS.${domain}.API.CONSUMER.MSG.NEXT.${at('ACCOUNT_SYNC')}`, '{"batch":9,"expires":50000000}');
  publish(`$JS.${domain}.API.CONSUMER.INFO.${at('ACCOUNT_SYNC')}`, '');
  for (const ack of ['+ACK', '-NAK', '+WPI', '+NXT {"batch":1,"no_wait":true}'])
    publish(`$JS.ACK.${at('ACCOUNT_SYNC')}.1.2.1.1764000000000000000.0`, ack);
  await client.flush();
  await setTimeout(500);

  watch.unsubscribe();
  expect(sent).toEqual([]);
  expect((await manager.streams.info('PRODUCT_CATALOG')).state).toMatchObject({
    messages: before.messages,
    last_seq: before.last_seq,
  });
  expect((await manager.consumers.info('PRODUCT_CATALOG', 'stray')).name).toBe('stray');
});

it('may not send requests, publish events or write call budgets', async () => {
  for (const subject of ['rpc.connector-config.open-connector', own, foreign, '$KV.budgets.x'])
    await refused(subject);
});

it('reads as another tenant only what is that one’s', async () => {
  const other = await connectNats(nats.url, {
    keys,
    user: `programs/${b}/${program}`,
    inboxPrefix: `_INBOX.program.${b}.${program}`,
  });
  try {
    const consumer = await jetstream(other, { domain }).consumers.get('ACCOUNT_SYNC', `${b}-${program}`);
    const messages = await consumer.fetch({ max_messages: 3, expires: 2_000 });
    expect(new Set(await take(messages, 3))).toEqual(new Set([foreign]));
  } finally {
    await other.close();
  }
});

it('keeps the position of consumers that are there when they are made again', async () => {
  await createConsumers(nats.url, keys, { tenant: a, program });
  const manager = await jetstreamManager(everybody);
  const { ack_floor: floor } = await manager.consumers.info('ACCOUNT_SYNC', `${a}-${program}`);
  expect(floor.consumer_seq).toBeGreaterThan(0);
});

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, 'nats.mjs'), ...args]);

it('makes keys that only their owner can read, keeps those there are, and never prints one', async () => {
  const folder = join(keys, 'made');
  const { stdout } = await run('keys', '--folder', folder);
  const seed = await readFile(join(folder, 'webhooks.nk'), 'utf8');
  expect((await stat(join(folder, 'webhooks.nk'))).mode & 0o077).toBe(0);
  const again = await run('program', a, program, '--folder', folder);
  expect(await readFile(join(folder, 'webhooks.nk'), 'utf8')).toBe(seed);
  const conf = await readFile(join(folder, 'nats.conf'), 'utf8');
  expect(conf).toContain(`# ${a}-${program}`);
  expect(stdout + again.stdout + conf).not.toMatch(/\bSU[A-Z2-7]{40,}/);
});

it.each([
  ['a tenant with a wildcard', '*', program],
  ['a tenant with a dot', 'a.b', program],
  ['a tenant that is a token of other subjects', 'account-sync', program],
  ['a tenant in another spelling than subjects have', a.toUpperCase(), program],
  ['a program that would leave its folder', a, '../operator'],
  ['a program with a wildcard', a, '>'],
])('refuses %s', async (_, tenant, name) => {
  await expect(run('program', tenant, name, '--folder', join(keys, 'refused'))).rejects.toThrow(
    /cannot be|is not/,
  );
});

it('cuts a program off whose key was taken away, once the server reads its configuration again', async () => {
  const folder = join(keys, 'taken-away');
  const server = await startNats({ dir: folder, keys: folder, programs: [{ tenant: a, program }] });
  const user = `programs/${a}/${program}`;
  const seed = await readFile(join(folder, `${user}.nk`));
  const connection = await connectNats(server.url, { keys: folder, user, reconnect: false });
  await rm(join(folder, `${user}.nk`));
  await run('config', '--folder', folder);
  process.kill(server.pid, 'SIGHUP');
  await connection.closed();
  const again = connectNats(server.url, { keys: '', authenticator: nkeyAuthenticator(seed) });
  await expect(again).rejects.toThrow(/Authorization Violation/i);
  await (await connectNats(server.url, { keys: folder, user: 'webhooks' })).close();
  await server.stop();
});

it('makes Secrets for Kubernetes, one for each service’s key', async () => {
  const { stdout } = await run('kubernetes', '--folder', join(keys, 'made'));
  expect(stdout).toContain('name: nats-key-webhooks');
  expect(stdout).toContain('name: nats-config');
  expect(stdout).not.toContain('operator');
});

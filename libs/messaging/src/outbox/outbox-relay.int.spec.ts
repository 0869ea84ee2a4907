import { DiscardPolicy, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectNats, eventually, startNats, type RunningServer } from '@isthmus/testing';
import { linkedEvent, RecordLinks, type Program, runProgram } from '../../test/program.fixture.ts';
import { emit, emitMany } from './outbox.ts';
import { Publisher } from './publisher.ts';
import { Relay } from './outbox-relay.ts';

let nats: RunningServer;
let program: Program;

beforeAll(async () => {
  nats = await startNats();
  program = await runProgram({
    service: 'account-sync',
    natsUrl: nats.url,
    handlers: [RecordLinks],
    watchdogMs: 500,
  });
});
beforeEach(() => program.pool.query('truncate effects'));
afterAll(async () => {
  await program.close();
  await nats.stop();
});

const say = (by: string) => program.transaction(async (em) => emit(em, linkedEvent(by)));
const countOf = async (name: string) =>
  Number((await program.pool.query('select count(*) from effects where name like $1', [name])).rows[0].count);
const arrives = (name: string, count = 1) => eventually(async () => (await countOf(name)) === count);

async function stream<T>(read: (jsm: JetStreamManager) => Promise<T>): Promise<T> {
  const connection = await connectNats(nats.url);
  try {
    return await read(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}

const messages = async () => (await stream((jsm) => jsm.streams.info('ACCOUNT_SYNC'))).state.messages;

it('finds within 1.2 s what no notification told it of', async () => {
  await program.pool.query('alter table outbox disable trigger outbox_wake');
  try {
    await say('not notified');
    await arrives('not notified', 1);
  } finally {
    await program.pool.query('alter table outbox enable trigger outbox_wake');
  }
});

it('leaves the work to one of two relays on one database, and goes on when that one ends', async () => {
  const second = await runProgram({
    service: 'account-sync',
    natsUrl: nats.url,
    databaseUrl: program.databaseUrl,
  });
  for (let index = 0; index < 20; index += 1) await say('shared');
  await arrives('shared', 20);
  // JetStream drops what both might publish, so what the second one was never acknowledged is the proof.
  expect(second.get(Publisher).lastStored.size).toBe(0);
  await program.get(Relay).stop();
  await say('the second relay takes over');
  await arrives('the second relay takes over', 1);
  program.get(Relay).start();
  await second.close();
});

it('is ended by PostgreSQL when its session hangs, and starts again', async () => {
  await program.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'account-sync relay'`,
  );
  await say('after the termination');
  await arrives('after the termination', 1);
});

it('notices a deleted stream and says again what it held', async () => {
  await say('before the deletion');
  await arrives('before the deletion');
  const held = await messages();
  await stream((jsm) => jsm.streams.delete('ACCOUNT_SYNC'));
  await eventually(async () => (await messages()) === held);
  await say('after the deletion');
  await arrives('after the deletion');
  expect(await countOf('before the deletion')).toBe(1);
});

it('notices a message missing from the middle of a stream and says it again', async () => {
  for (let index = 0; index < 3; index += 1) await say('middle');
  await arrives('middle', 3);
  await sleep(600);
  const before = await stream((jsm) => jsm.streams.info('ACCOUNT_SYNC'));
  await stream((jsm) => jsm.streams.deleteMessage('ACCOUNT_SYNC', before.state.last_seq - 1));
  await eventually(
    async () =>
      (await stream((jsm) => jsm.streams.info('ACCOUNT_SYNC'))).state.last_seq > before.state.last_seq,
  );
  expect(await countOf('middle')).toBe(3);
});

it('sets nothing aside that JetStream has no room for, and says it in order when there is', async () => {
  await say('before it was full');
  await arrives('before it was full');
  const limit = async (max_msgs: number) =>
    stream((jsm) => jsm.streams.update('ACCOUNT_SYNC', { max_msgs, discard: DiscardPolicy.New }));
  await limit(await messages());
  const account = crypto.randomUUID();
  for (let version = 1; version <= 3; version += 1)
    await program.transaction(async (em) => emit(em, linkedEvent('full', account, version)));
  // Longer than it takes to try more often than anything that is refused.
  await sleep(5_000);
  expect((await program.pool.query('select reason from parked_messages')).rows).toEqual([]);
  expect(await countOf('full')).toBe(0);
  await limit(-1);
  await arrives('full', 3);
  const { rows } = await program.pool.query(`select version from effects where name = 'full' order by id`);
  expect(rows.map(({ version }) => version)).toEqual([1, 2, 3]);
});

it('replays what was said since a time, and the inbox lets it have no second effect', async () => {
  await say('long ago');
  await arrives('long ago');
  await sleep(20);
  const since = new Date();
  await say('lately');
  await arrives('lately');
  await program.pool.query('truncate inbox');
  expect(await program.get(Relay).replay({ since })).toBe(1);
  await arrives('lately', 2);
  expect(await program.get(Relay).replay({ since, type: 'account-sync.provider-account-unlinked.v1' })).toBe(
    0,
  );
  expect(await countOf('long ago')).toBe(1);
});

it('accepts events while NATS is down, and drains the backlog in order when it is back', async () => {
  const { port } = nats;
  await nats.stop('SIGKILL');
  const account = crypto.randomUUID();
  const client = await program.pool.connect();
  await emitMany(
    client,
    Array.from({ length: 500 }, (_, index) => linkedEvent('backlog', account, index + 1)),
  );
  client.release();
  nats = await startNats({ port });
  await arrives('backlog', 500);
  const { rows } = await program.pool.query(`select version from effects where name = 'backlog' order by id`);
  expect(rows.map(({ version }) => version)).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
});

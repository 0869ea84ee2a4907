import { Client } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  eventually,
  freshDatabase,
  startNats,
  type FreshDatabase,
  type RunningServer,
} from '@isthmus/testing';
import { linkedEvent, RecordLinks, type Program, runProgram } from '../../test/program.fixture.ts';
import { emit, emitMany } from './outbox.ts';

let nats: RunningServer;
let program: Program;
let other: FreshDatabase;

beforeAll(async () => {
  nats = await startNats();
  program = await runProgram({
    service: 'account-sync',
    natsUrl: nats.url,
    handlers: [RecordLinks],
    // Never by itself: what arrives was noticed by the fence.
    pollMs: 3_600_000,
  });
  other = await freshDatabase('other');
});
afterAll(async () => {
  await program.close();
  await other.drop();
  await nats.stop();
});

const names = async () =>
  (await program.pool.query<{ name: string }>('select name from effects order by id')).rows.map(
    ({ name }) => name,
  );
const arrives = (name: string) => eventually(async () => (await names()).includes(name));
const begin = async (url: string) => {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('begin');
  return client;
};

it('skips no event whose transaction commits after that of a later position', async () => {
  const slow = await begin(program.databaseUrl);
  await emitMany(slow, [linkedEvent('slow')]);
  await program.transaction(async (em) => emit(em, linkedEvent('quick')));
  await sleep(300);
  expect(await names()).toEqual([]);
  await slow.query('commit');
  await slow.end();
  // In any order: they are about different things.
  await arrives('quick');
  await arrives('slow');
  expect(await names()).toHaveLength(2);
});

it('goes on at once when the slow transaction rolls back, although nobody notifies it', async () => {
  const slow = await begin(program.databaseUrl);
  await emitMany(slow, [linkedEvent('never')]);
  await program.transaction(async (em) => emit(em, linkedEvent('behind a rollback')));
  await sleep(100);
  await slow.query('rollback');
  await slow.end();
  await arrives('behind a rollback');
});

it('advances past overlapping transactions of which one is always open', async () => {
  let open = await begin(program.databaseUrl);
  await emitMany(open, [linkedEvent('overlapping 0')]);
  for (let turn = 1; turn <= 20; turn += 1) {
    const next = await begin(program.databaseUrl);
    await emitMany(next, [linkedEvent(`overlapping ${turn}`)]);
    await open.query('commit');
    await open.end();
    open = next;
    await sleep(50);
  }
  const arrived = async () => (await names()).filter((name) => name.startsWith('overlapping'));
  await eventually(async () => (await arrived()).length > 10);
  await open.query('commit');
  await open.end();
  await arrives('overlapping 20');
});

it('does not wait for transactions that say nothing, of this database or another', async () => {
  const silent = await begin(program.databaseUrl);
  await silent.query('create table unrelated (id int)');
  const elsewhere = await begin(other.url);
  await elsewhere.query('create table unrelated (id int)');
  await program.transaction(async (em) => emit(em, linkedEvent('unhindered')));
  await eventually(async () => (await names()).includes('unhindered'));
  await Promise.all([silent.end(), elsewhere.end()]);
});

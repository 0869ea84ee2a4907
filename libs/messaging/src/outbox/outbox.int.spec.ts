import { Client } from 'pg';
import {
  eventually,
  freshDatabase,
  startNats,
  type FreshDatabase,
  type RunningServer,
} from '@isthmus/testing';
import { linkedEvent, RecordLinks, runProgram, type Program } from '../../test/program.fixture.ts';
import { messagingTablesSql } from '../tables.ts';
import { emit, emitMany, prune } from './outbox.ts';

describe('events', () => {
  let nats: RunningServer;
  let producer: Program;
  let consumer: Program;

  beforeAll(async () => {
    nats = await startNats();
    producer = await runProgram({ service: 'account-sync', natsUrl: nats.url });
    consumer = await runProgram({ service: 'consumer', natsUrl: nats.url, handlers: [RecordLinks] });
  });
  afterAll(async () => {
    await producer.close();
    await consumer.close();
    await nats.stop();
  });

  const arrived = async () =>
    (await consumer.pool.query<{ name: string }>('select name from effects order by id')).rows;
  const arrives = (name: string) =>
    eventually(async () => (await arrived()).some((effect) => effect.name === name) || undefined);

  it('is heard by another service once the transaction has committed', async () => {
    await producer.transaction(async (em) => emit(em, linkedEvent('committed')));
    await arrives('committed');
  });

  it('was never said when the transaction rolls back', async () => {
    const rolledBack = producer.transaction(async (em) => {
      emit(em, linkedEvent('rolled back'));
      await em.flush();
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    await producer.transaction(async (em) => emit(em, linkedEvent('after the rollback')));
    await arrives('after the rollback');
    expect((await arrived()).map(({ name }) => name)).not.toContain('rolled back');
  });

  it('says many things at once, in the order given', async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `bulk ${index}`);
    const account = crypto.randomUUID();
    const client = await producer.pool.connect();
    await client.query('begin');
    await emitMany(
      client,
      names.map((name, index) => linkedEvent(name, account, index + 1)),
    );
    await client.query('commit');
    client.release();
    await arrives('bulk 999');
    const said = (await arrived()).map(({ name }) => name).filter((name) => name.startsWith('bulk'));
    expect(said).toEqual(names);
  });
});

describe('prune', () => {
  const day = 24 * 60 * 60 * 1000;
  let database: FreshDatabase;
  let client: Client;

  beforeAll(async () => {
    database = await freshDatabase('prune');
    client = new Client({ connectionString: database.url });
    await client.connect();
    for (const sql of messagingTablesSql) await client.query(sql);
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const said = (by: string, daysAgo: number) => ({
    ...linkedEvent(by),
    time: new Date(Date.now() - daysAgo * day),
  });
  const kept = async () =>
    (await client.query<{ by: string }>(`select data->>'by' as by from outbox order by position`)).rows.map(
      ({ by }) => by,
    );

  it('forgets what was published long ago, and nothing that is young or was never published', async () => {
    await emitMany(client, [said('old', 8), said('young', 6), said('old but unpublished', 8)]);
    expect(await prune(client, 7, 2)).toBe(false);
    expect(await kept()).toEqual(['young', 'old but unpublished']);
  });

  it('forgets in small steps, and says when there are more', async () => {
    await client.query('truncate outbox restart identity');
    await emitMany(
      client,
      Array.from({ length: 6_000 }, () => said('old', 8)),
    );
    expect(await prune(client, 7, 6_000)).toBe(true);
    expect(await prune(client, 7, 6_000)).toBe(false);
    expect(await kept()).toEqual([]);
  });

  it('keeps what it handled for longer than JetStream may deliver it', async () => {
    await client.query(`insert into inbox (consumer, event_id, handled_at) values
    ('c', gen_random_uuid(), now() - interval '8 days'), ('c', gen_random_uuid(), now() - interval '15 days')`);
    await prune(client, 7, 0);
    expect((await client.query('select 1 from inbox')).rowCount).toBe(1);
  });
});

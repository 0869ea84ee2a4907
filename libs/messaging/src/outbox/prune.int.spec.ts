import { Client } from 'pg';
import { freshDatabase, type FreshDatabase } from '@isthmus/testing';
import { messagingMigrationSql } from '../tables.ts';
import { linked } from '../../test/program.fixture.ts';
import { emitMany, prune } from './outbox.ts';

const day = 24 * 60 * 60 * 1000;
let database: FreshDatabase;
let client: Client;

beforeAll(async () => {
  database = await freshDatabase('prune');
  client = new Client({ connectionString: database.url });
  await client.connect();
  for (const sql of messagingMigrationSql) await client.query(sql);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const said = (by: string, daysAgo: number) => ({ ...linked(by), time: new Date(Date.now() - daysAgo * day) });
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

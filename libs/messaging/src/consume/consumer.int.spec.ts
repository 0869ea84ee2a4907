import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { eventually, freePort, startNats, startPostgres, type RunningServer } from '@isthmus/testing';
import { messagingTablesSql } from '../tables.ts';
import { emit } from '../outbox/outbox.ts';
import {
  effectTableSql,
  linkedEvent,
  RecordLinks,
  type Program,
  runProgram,
} from '../../test/program.fixture.ts';

let dir: string;
let port: number;
let postgres: RunningServer;
let nats: RunningServer;
let consumer: Program;
let producer: Program;

const startDatabase = () => startPostgres({ dir, port, durable: false });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-away-'));
  port = await freePort();
  [postgres, nats] = await Promise.all([startDatabase(), startNats()]);
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  for (const sql of [...messagingTablesSql, effectTableSql]) await client.query(sql);
  await client.end();
  producer = await runProgram({ service: 'account-sync', natsUrl: nats.url });
  consumer = await runProgram({
    service: 'consumer',
    natsUrl: nats.url,
    databaseUrl: postgres.url,
    handlers: [RecordLinks],
    retry: { localDelaysMs: [], redeliveryDelaysMs: [10], maxDeliveries: 1 },
  });
});
afterAll(async () => {
  await producer.close();
  await consumer.close();
  await nats.stop();
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
});

it('waits for its database without blaming the messages, and handles them when it is back', async () => {
  await postgres.stop();
  for (let index = 0; index < 20; index += 1) {
    await producer.transaction(async (em) => emit(em, linkedEvent('while it was away')));
  }
  await sleep(1_500);
  postgres = await startDatabase();
  await eventually(async () => (await consumer.pool.query('select 1 from effects')).rowCount === 20);
  expect((await consumer.pool.query('select 1 from parked_messages')).rowCount).toBe(0);
});

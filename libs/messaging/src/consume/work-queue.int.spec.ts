import { SyncRunDue } from '@isthmus/contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, startNats, type RunningServer } from '@isthmus/testing';
import { NatsConnection } from '../nats/nats-connection.ts';
import { enqueueWork, WorkQueue } from './work-queue.ts';
import { type Program, runProgram, tenantId } from '../../test/program.fixture.ts';
import { ParkedMessages } from './parked-messages.ts';

let nats: RunningServer;
let one: Program;
let two: Program;

beforeAll(async () => {
  nats = await startNats();
  one = await runProgram({ service: 'account-sync', natsUrl: nats.url });
  two = await runProgram({ service: 'account-sync', natsUrl: nats.url, databaseUrl: one.databaseUrl });
});
afterAll(async () => {
  await one.close();
  await two.close();
  await nats.stop();
});

const enqueue = async () => {
  const runId = crypto.randomUUID();
  await one.transaction(async (em) => enqueueWork(em, SyncRunDue, { tenantId, runId }, { tenantId }));
  return runId;
};
const settings = { concurrency: 2, ackWaitMs: 1_000 };

it('gives each item to one worker', async () => {
  const taken: string[] = [];
  const stops = await Promise.all(
    [one, two].map((program) =>
      program.get(WorkQueue).consume(SyncRunDue, settings, async ({ runId }) => {
        await sleep(5);
        taken.push(runId);
      }),
    ),
  );
  const enqueued = await Promise.all(Array.from({ length: 20 }, enqueue));
  await eventually(() => taken.length >= 20);
  await sleep(100);
  await Promise.all(stops.map((stop) => stop()));
  expect(taken.toSorted()).toEqual(enqueued.toSorted());
});

it('queues nothing when the transaction rolls back', async () => {
  const taken: string[] = [];
  const stop = await one
    .get(WorkQueue)
    .consume(SyncRunDue, settings, async ({ runId }) => void taken.push(runId));
  const rolledBack = one.transaction(async (em) => {
    await enqueueWork(em, SyncRunDue, { tenantId, runId: crypto.randomUUID() }, { tenantId });
    throw new Error('no');
  });
  await expect(rolledBack).rejects.toThrow('no');
  const runId = await enqueue();
  await eventually(() => taken.includes(runId));
  expect(taken).toEqual([runId]);
  await stop();
});

it('gives the item of a worker that died to another, but not that of one that says it is working', async () => {
  const dying = await runProgram({
    service: 'account-sync',
    natsUrl: nats.url,
    databaseUrl: one.databaseUrl,
  });
  const deliveries: number[] = [];
  await dying.get(WorkQueue).consume(SyncRunDue, { ...settings, concurrency: 1 }, async (_, item) => {
    deliveries.push(item.deliveryCount);
    for (let step = 0; step < 5; step += 1) {
      await sleep(300);
      item.working();
    }
    await dying.get(NatsConnection).close();
    await new Promise((resolve) => item.signal.addEventListener('abort', resolve));
  });
  await enqueue();
  await eventually(() => deliveries.length === 1);
  const begun = Date.now();
  const stop = await two
    .get(WorkQueue)
    .consume(SyncRunDue, settings, async (_, item) => void deliveries.push(item.deliveryCount));
  await eventually(() => deliveries.length === 2);
  await stop();
  expect(deliveries).toEqual([1, 2]);
  expect(Date.now() - begun).toBeGreaterThan(2_000);
  await dying.close();
});

it('gives the item back at once when its worker is told to stop', async () => {
  let began = 0;
  const stop = await one
    .get(WorkQueue)
    .consume(SyncRunDue, { concurrency: 1, ackWaitMs: 60_000 }, async (_, { signal }) => {
      began += 1;
      await sleep(60_000, undefined, { signal });
    });
  const runId = await enqueue();
  await eventually(() => began === 1);
  await stop();
  const taken: string[] = [];
  const stopOther = await two
    .get(WorkQueue)
    .consume(SyncRunDue, settings, async (due) => void taken.push(due.runId));
  await eventually(() => taken.includes(runId));
  await stopOther();
});

it('gives a failed item again later, and sets it aside after so many deliveries', async () => {
  const times: number[] = [];
  const stop = await one.get(WorkQueue).consume(SyncRunDue, { ...settings, maxDeliveries: 2 }, async () => {
    times.push(Date.now());
    throw new Error('broken');
  });
  await enqueue();
  const [parked] = await eventually(async () => {
    const list = await one.get(ParkedMessages).list();
    return list.length > 0 ? list : undefined;
  });
  expect(parked).toMatchObject({
    subject: 'work.account-sync.sync-run-due',
    reason: 'work.failed',
    detail: 'broken',
    tries: 2,
  });
  expect(times[1]! - times[0]!).toBeGreaterThan(900);
  await stop();
});

it('goes on after its stream was deleted, with the work that was open', async () => {
  const taken: string[] = [];
  const stop = await one
    .get(WorkQueue)
    .consume(SyncRunDue, settings, async ({ runId }) => void taken.push(runId));
  const connection = await connect({ servers: nats.url });
  await (await jetstreamManager(connection)).streams.delete('WORK_ACCOUNT_SYNC');
  await connection.close();
  const runId = await enqueue();
  await eventually(() => taken.includes(runId));
  await stop();
});

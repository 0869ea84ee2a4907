import { eventSubject } from '@isthmus/contracts';
import { jetstream, type JetStreamClient, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectNats, eventually, startNats, type RunningServer } from '@isthmus/testing';
import { type NewEvent, toHeaders } from '../message.ts';
import { ensureStream, eventStream } from '../nats/jetstream.ts';
import { linkedEvent, RecordLinks, type Program, runProgram } from '../../test/program.fixture.ts';

let nats: RunningServer;
let connection: NatsConnection;
let js: JetStreamClient;
let consumer: Program;

beforeAll(async () => {
  nats = await startNats();
  connection = await connectNats(nats.url);
  js = jetstream(connection);
  await ensureStream(await jetstreamManager(connection), eventStream('account-sync', 1));
  consumer = await runProgram({ service: 'consumer', natsUrl: nats.url, handlers: [RecordLinks] });
});
afterEach(() => (RecordLinks.broken = () => undefined));
afterAll(async () => {
  await consumer.close();
  await connection.close();
  await nats.stop();
});

/** Publishes without a message id, so that nothing but the inbox can tell the copies apart. */
async function deliver(event: NewEvent, times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const headers = toHeaders(event, '/isthmus/account-sync', null);
    headers.delete('Nats-Msg-Id');
    await eventually(() =>
      js.publish(eventSubject(event.type, event.tenantId), JSON.stringify(event.data), { headers }),
    );
  }
}

const acknowledged = () =>
  eventually(async () => {
    const { ack_floor, num_pending, num_ack_pending } = await (
      await js.jetstreamManager()
    ).consumers.info('ACCOUNT_SYNC', 'consumer');
    return (num_pending === 0 && num_ack_pending === 0 && ack_floor.stream_seq > 0) || undefined;
  });
const effectsOf = async (event: NewEvent) =>
  (
    await consumer.pool.query('select name, version from effects where aggregate = $1 order by id', [
      event.aggregateId,
    ])
  ).rows;

it('has one effect, however often the event is delivered', async () => {
  const said = linkedEvent('thrice');
  await deliver(said, 3);
  await acknowledged();
  expect(await effectsOf(said)).toHaveLength(1);
});

it('has one effect when two deliveries overlap', async () => {
  const said = linkedEvent('overlapping');
  const copy = { ...said, aggregateId: crypto.randomUUID() };
  await Promise.all([deliver(said), deliver(copy)]);
  await acknowledged();
  expect([...(await effectsOf(said)), ...(await effectsOf(copy))]).toHaveLength(1);
});

it('hears the events of one aggregate in the order they were said, although the first fails once', async () => {
  let failed = false;
  RecordLinks.broken = ({ by }) => {
    if (by !== 'first' || failed) return undefined;
    failed = true;
    return new Error('only once');
  };
  const first = linkedEvent('first');
  const second = { ...linkedEvent('second', first.aggregateId, 2) };
  await deliver(first);
  await deliver(second);
  await acknowledged();
  expect(await effectsOf(first)).toEqual([
    { name: 'first', version: 1 },
    { name: 'second', version: 2 },
  ]);
});

it('has no effect and no record when the handler fails, and has it when it is delivered again', async () => {
  let failures = 0;
  RecordLinks.broken = ({ by }) => (by === 'late' && failures++ < 4 ? new Error('not yet') : undefined);
  const said = linkedEvent('late');
  await deliver(said);
  await acknowledged();
  expect(failures).toBe(5);
  expect(await effectsOf(said)).toHaveLength(1);
});

it('tells a handler that keeps versions which events are old', async () => {
  const known = new Map<string, number>();
  const applied: number[] = [];
  RecordLinks.broken = (_, message) => {
    if (message.isOlderThan(known.get(message.subject))) return undefined;
    known.set(message.subject, message.aggregateVersion);
    applied.push(message.aggregateVersion);
    return undefined;
  };
  const account = crypto.randomUUID();
  for (const version of [1, 3, 2, 3, 4]) await deliver(linkedEvent(`v${version}`, account, version));
  await acknowledged();
  expect(applied).toEqual([1, 3, 4]);
});

import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { connectNats, eventually, startNats, type RunningServer } from '@isthmus/testing';
import { toHeaders } from '../message.ts';
import { emit } from '../outbox/outbox.ts';
import { linkedEvent, RecordLinks, type Program, runProgram, tenantId } from '../../test/program.fixture.ts';
import { ParkedMessages, ParkedMessageNotFound } from './parked-messages.ts';

const retry = { localDelaysMs: [5], redeliveryDelaysMs: [20, 50], maxDeliveries: 3 };
const subject = `account-sync.${tenantId}.provider-account-linked.v1`;
let nats: RunningServer;
let connection: NatsConnection;
let program: Program;
let parked: ParkedMessages;

beforeAll(async () => {
  nats = await startNats();
  connection = await connectNats(nats.url);
  program = await runProgram({ service: 'account-sync', natsUrl: nats.url, handlers: [RecordLinks], retry });
  parked = program.get(ParkedMessages);
});
afterEach(async () => {
  RecordLinks.broken = () => undefined;
  await program.pool.query('truncate parked_messages');
});
afterAll(async () => {
  await program.close();
  await connection.close();
  await nats.stop();
});

const say = (by: string) => program.transaction(async (em) => emit(em, linkedEvent(by)));
const arrives = (name: string) =>
  eventually(
    async () => (await program.pool.query('select 1 from effects where name = $1', [name])).rowCount === 1,
  );
const publish = (payload: string | Uint8Array, said = linkedEvent('raw')) =>
  eventually(() =>
    jetstream(connection).publish(subject, payload, { headers: toHeaders(said, '/test', null) }),
  );
const oneParked = () => eventually(async () => (await parked.list())[0]);

it('sets aside a message that fails every time while the others flow, and handles it when it is unparked', async () => {
  let broken = true;
  RecordLinks.broken = ({ by }) => (by === 'poison' && broken ? new Error('poisoned') : undefined);
  await say('poison');
  await say('healthy');
  await arrives('healthy');
  const message = await oneParked();
  expect(message).toMatchObject({
    direction: 'in',
    subject,
    reason: 'handler.failed',
    detail: 'poisoned',
    tries: 3,
  });
  await expect(parked.unpark(message.id)).rejects.toThrow('poisoned');
  broken = false;
  await parked.unpark(message.id);
  await arrives('poison');
  expect(await parked.list()).toEqual([]);
});

it('sets aside at once what breaks its contract, and says which field', async () => {
  await publish(JSON.stringify({ providerAccountId: 'not a uuid', tenantAccountId: 'T-1', by: 'x' }));
  expect(await oneParked()).toMatchObject({
    reason: 'contract.violated',
    tries: 1,
    detail: expect.stringContaining('providerAccountId must be a UUID'),
  });
});

it.each([
  ['is not JSON', Buffer.from('{"half')],
  ['is not UTF-8', Buffer.from([0xff, 0xfe, 0x00])],
  ['is empty', Buffer.alloc(0)],
])('sets aside at once a payload that %s', async (_, payload) => {
  await publish(payload);
  expect(await oneParked()).toMatchObject({ tries: 1 });
});

it('sets aside a message without an envelope', async () => {
  await jetstream(connection).publish(subject, '{}', { headers: headers() });
  expect(await oneParked()).toMatchObject({ reason: 'envelope.invalid', tries: 1 });
});

it.each([
  ['another tenant', `account-sync.${randomUUID()}.provider-account-linked.v1`, 'envelope.invalid'],
  ['no tenant there is', 'account-sync.=zz.provider-account-linked.v1', 'subject.invalid'],
])('sets aside a message under a subject of %s', async (_, other, reason) => {
  const sent = linkedEvent('stray');
  const payload = JSON.stringify(sent.data);
  await jetstream(connection).publish(other, payload, { headers: toHeaders(sent, '/test', null) });
  expect(await oneParked()).toMatchObject({ reason, subject: other, tries: 1 });
});

it('sets aside at once what PostgreSQL can never store, instead of trying for ever', async () => {
  await publish(JSON.stringify({ ...linkedEvent().data, by: 'a NUL: \u0000' }));
  expect(await oneParked()).toMatchObject({ reason: '08P01', tries: 1 });
});

it('says which id it does not know', async () => {
  await expect(parked.unpark(crypto.randomUUID())).rejects.toBeInstanceOf(ParkedMessageNotFound);
});

it('sets aside what JetStream will not take, and publishes what came after it', async () => {
  await program.transaction(async (em) => {
    emit(em, { ...linkedEvent('too large'), data: { ...linkedEvent().data, by: 'x'.repeat(1_100_000) } });
    emit(em, linkedEvent('behind the large one'));
  });
  await arrives('behind the large one');
  expect(await oneParked()).toMatchObject({ direction: 'out', reason: 'publish.refused' });
  expect(
    (await program.pool.query('select octet_length(payload) as size from parked_messages')).rows[0].size,
  ).toBeGreaterThan(1_100_000);
});

describe('of a tenant', () => {
  const other = randomUUID();
  const park = (owner: string, minute: number, more: { reason?: string; header?: string } = {}) =>
    program.pool
      .query(
        `insert into parked_messages (id, direction, subject, message_id, headers, payload, reason, detail, tries, parked_at)
         values ($1, 'in', $2, $3, $4, '{}', $5, 'no', 1, $6) returning id`,
        [
          randomUUID(),
          `account-sync.${owner}.provider-account-linked.v1`,
          randomUUID(),
          JSON.stringify({ 'ce-tenantid': more.header ?? owner }),
          more.reason ?? 'handler.failed',
          new Date(Date.UTC(2026, 0, 1, 0, minute)),
        ],
      )
      .then(({ rows }) => rows[0].id as string);

  it('are those under its subjects, in pages, and no other tenant reads them', async () => {
    const own = [await park(tenantId, 1), await park(tenantId, 2), await park(tenantId, 2)];
    const theirs = await park(other, 3);
    const first = await parked.listOf(tenantId, undefined, 2);
    expect(first).toHaveLength(3);
    expect(first.map(({ parkedAt }) => parkedAt.getUTCMinutes())).toEqual([2, 2, 1]);
    const rest = await parked.listOf(tenantId, first[1], 2);
    expect(rest.map(({ id }) => id)).toEqual([own[0]]);
    expect((await parked.listOf(other, undefined, 9)).map(({ id }) => id)).toEqual([theirs]);
    await expect(parked.readOf(tenantId, theirs)).rejects.toBeInstanceOf(ParkedMessageNotFound);
    expect(await parked.readOf(other, theirs)).toMatchObject({ id: theirs, detail: 'no' });
  });

  it('are not those that contradict their subjects: they may be what somebody else published', async () => {
    for (const reason of ['envelope.invalid', 'subject.invalid'])
      await park(tenantId, 1, { reason, header: other });
    expect(await parked.listOf(tenantId, undefined, 9)).toEqual([]);
    expect(await parked.listOf(other, undefined, 9)).toEqual([]);
    expect(await parked.list()).toHaveLength(2);
  });
});

it('remembers why it failed again, and is removed together with what is written about that', async () => {
  RecordLinks.broken = () => new Error('still poisoned');
  await publish(JSON.stringify(linkedEvent('again').data), linkedEvent('again'));
  const { id, tries } = await oneParked();
  RecordLinks.broken = () => new Error('poisoned otherwise');
  await expect(parked.unpark(id)).rejects.toThrow('poisoned otherwise');
  expect(await parked.list()).toMatchObject([{ detail: 'poisoned otherwise', tries: tries + 1 }]);
  const failing = () => Promise.reject(new Error('the audit log is full'));
  await expect(parked.drop(id, failing)).rejects.toThrow('the audit log is full');
  expect(await parked.list()).toHaveLength(1);
  let written = 0;
  const write = () => Promise.resolve(void (written += 1));
  await Promise.all([parked.drop(id, write), parked.drop(id, write)]);
  expect([await parked.list(), written]).toEqual([[], 1]);
});

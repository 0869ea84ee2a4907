import { randomUUID } from 'node:crypto';
import { eventContracts } from '@isthmus/contracts';
import { eventually } from '@isthmus/testing';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  readFixture,
  type RunningWebhooks,
  runWebhooks,
  subscriptionChanged,
} from '../../test/webhooks.fixture.ts';

let webhooks: RunningWebhooks;
beforeAll(async () => {
  webhooks = await runWebhooks({ EVENT_STREAM_POLL_MS: '50' });
});
afterAll(() => webhooks.stop());

const get = (path: string, as?: object) => webhooks.call('GET', path, undefined, as as never);
const idsIn = ({ body }: { body: { data: { id: string }[] } }) => body.data.map(({ id }) => id);

it('lists what was published, newest first, by type, subject, command and time, and only to its tenant', async () => {
  const [subject, correlationId] = [randomUUID(), randomUUID()];
  const events = [1, 2, 3].map((version) => ({
    ...subscriptionChanged(webhooks.tenantId, subject, version),
    time: new Date(`2026-11-0${version}T00:00:00Z`),
    ...(version === 2 && { correlationId }),
  }));
  for (const event of events) await webhooks.deliver(event);
  const newestFirst = events.map(({ id }) => id).toReversed();
  const of = `/v1/events?subject=${subject}`;
  expect(idsIn(await get(of))).toEqual(newestFirst);
  expect(idsIn(await get(`${of}&type=account-sync.provider-subscription-changed.v1&type=x`))).toEqual(
    newestFirst,
  );
  expect(idsIn(await get(`${of}&type=x`))).toEqual([]);
  expect(idsIn(await get(`/v1/events?correlationId=${correlationId}`))).toEqual([events[1]!.id]);
  expect(idsIn(await get(`${of}&since=2026-11-02T00:00:00Z&until=2026-11-03T00:00:00Z`))).toEqual([
    events[1]!.id,
  ]);
  const first = await get(`${of}&limit=2`);
  expect(idsIn(first)).toEqual(newestFirst.slice(0, 2));
  expect(idsIn(await get(`${of}&limit=2&cursor=${first.body.nextCursor}`))).toEqual(newestFirst.slice(2));
  expect(idsIn(await get(of, { tenant: randomUUID() }))).toEqual([]);

  const one = events[0]!;
  const { body } = await get(`/v1/events/${one.id}`);
  expect(body).toMatchObject({
    id: one.id,
    subject,
    aggregateVersion: 1,
    time: '2026-11-01T00:00:00.000Z',
    data: one.data,
  });
  expect((await get(`/v1/events/${one.id}`, { tenant: randomUUID() })).status).toBe(404);
  expect((await get(`/v1/events/${randomUUID()}`)).status).toBe(404);
  for (const bad of ['since=monday', 'since=2026-W05', 'until=2026-11-27', 'cursor=x', 'subject='])
    expect([bad, (await get(`/v1/events?${bad}`)).status]).toEqual([bad, 400]);
});

it('knows every type of event with what it means', async () => {
  const { body } = await get('/v1/event-types');
  expect(body).toEqual(
    eventContracts().map(({ eventType: type, summary, producer, aggregate }) => ({
      type,
      summary,
      producer,
      aggregate,
      schema: expect.objectContaining({ type: 'object', properties: expect.any(Object) }),
      example: readFixture(type),
    })),
  );
});

it('describes each type by a schema that its example fulfils, and that refers to nothing outside', async () => {
  const { body } = await get('/v1/event-types');
  const ajv = addFormats.default(new Ajv2020({ strict: false }));
  for (const { type, schema, example } of body) {
    const validate = ajv.compile(schema);
    expect([type, validate(example), validate.errors]).toEqual([type, true, null]);
    const [required] = schema.required as string[];
    expect([type, validate({ ...example, [required!]: undefined })]).toEqual([type, false]);
  }
  expect(body.length).toBeGreaterThan(50);
});

/** Follows events until `enough`; returns their ids, which are their places. */
async function follow(query: string, headers: object, enough: (ids: number[]) => boolean): Promise<number[]> {
  const stop = new AbortController();
  const response = await webhooks.open(`/v1/events/stream${query}`, {
    headers,
    signal: stop.signal,
  } as never);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const places: number[] = [];
  let begun: string | undefined;
  let text = '';
  for await (const chunk of response.body!.pipeThrough(
    new TextDecoderStream() as never,
  ) as never as AsyncIterable<string>) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const id = /^event: event\nid: (\d+)$/m.exec(text.slice(0, end))?.[1];
      begun ??= /^event: ready\nid: (\d+)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (id) places.push(Number(id));
    }
    if (enough(places)) break;
  }
  stop.abort();
  // The place behind which it began, before any event: a client that loses the connection then goes on from there.
  expect(Number(begun)).toBeLessThan(places[0]!);
  return places;
}

it('streams events as they come, and goes on behind the last one that was received', async () => {
  const before = subscriptionChanged(webhooks.tenantId, randomUUID(), 1);
  await webhooks.deliver(before);
  const following = follow('', {}, (ids) => ids.length === 2);
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (let n = 0; n < 2; n += 1)
    await webhooks.deliver(subscriptionChanged(webhooks.tenantId, randomUUID(), 1));
  await webhooks.deliver(subscriptionChanged(randomUUID(), randomUUID(), 1));
  const [first, second] = (await following) as [number, number];
  const { body } = await get(`/v1/events/${before.id}`);
  // Neither what was there before, nor what is another tenant's.
  expect(first).toBeGreaterThan(body.sequence);
  expect(second).toBeGreaterThan(first);
  expect(await follow('', { 'last-event-id': String(first) }, (ids) => ids.length === 1)).toEqual([second]);
  expect(await follow(`?after=${body.sequence}`, {}, (ids) => ids.length === 2)).toEqual([first, second]);
});

it.each(['', 'x', '-1', '1e9', '1.5', '99999999999999999999'])(
  'refuses to go on behind %j, which is no event',
  async (place) => {
    const headers = { 'last-event-id': place, accept: 'text/event-stream' };
    const signal = AbortSignal.timeout(2_000);
    const response = await webhooks.open('/v1/events/stream', { headers, signal } as never);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errors: [{ field: 'Last-Event-ID' }] },
    ]);
  },
);

it('passes over no event whose number was given out before, and which is committed later', async () => {
  const { tenantId, pool } = webhooks;
  const late = await pool.connect();
  const values = [randomUUID(), tenantId];
  await late.query('begin');
  const { rows } = await late.query(
    `insert into events (id, tenant_id, source, type, time, subject, aggregate, aggregate_version, correlation_id, data)
     values ($1, $2, '/spec', 'spec.late.v1', now(), 's', 'a/s', 1, 'c', '{}') returning sequence::int`,
    values,
  );
  const place = rows[0].sequence as number;
  const following = follow(`?after=${place - 1}`, {}, (ids) => ids.length === 2);
  const later = subscriptionChanged(tenantId, randomUUID(), 1);
  await webhooks.deliver(later);
  await eventually(async () => (await get(`/v1/events/${later.id}`)).status === 200);
  await new Promise((resolve) => setTimeout(resolve, 400));
  await late.query('commit');
  late.release();
  const { body } = await get(`/v1/events/${later.id}`);
  expect(await following).toEqual([place, body.sequence]);
});

it('says so when events behind that place may have been deleted already', async () => {
  await webhooks.pool.query('delete from events where sequence < (select max(sequence) from events)');
  const { status, body } = await get('/v1/events/stream?after=1');
  expect([status, body.type]).toEqual([404, 'urn:isthmus:problem:webhook-event.not-kept']);
  expect((await get('/v1/events/stream?after=first')).status).toBe(400);
});

import { randomUUID } from 'node:crypto';
import { eventually } from '@isthmus/testing';
import { startReceiver, type Receiver } from '../../test/receiver.fixture.ts';
import {
  subscriptionChanged,
  runWebhooks,
  type Json,
  type RunningWebhooks,
} from '../../test/webhooks.fixture.ts';

let webhooks: RunningWebhooks;
let receiver: Receiver;
let endpoint: Json;

beforeAll(async () => {
  webhooks = await runWebhooks({
    WEBHOOK_RETRY_SECONDS: '0,0.05,0.1',
    WEBHOOK_TIMEOUT_MS: '400',
    WEBHOOK_CONCURRENCY: '8',
    WEBHOOK_ENDPOINT_CONCURRENCY: '2',
    WEBHOOK_FAILING_SECONDS: '0.1',
    // Longer than any story but the one that waits for it takes on a busy machine: an endpoint that was disabled has no deliveries.
    WEBHOOK_DISABLE_SECONDS: '10',
  });
});
afterAll(() => webhooks.stop());
beforeEach(async () => {
  receiver = await startReceiver();
  endpoint = await webhooks.endpoint(receiver.url);
});
afterEach(async () => {
  await receiver.close();
  await webhooks.call('DELETE', `/v1/webhook-endpoints/${endpoint.id}`);
});

const publish = async (version = 1, subscription = randomUUID()) => {
  const event = subscriptionChanged(webhooks.tenantId, subscription, version);
  await webhooks.publish(event);
  return event;
};
const read = async () => (await webhooks.call('GET', `/v1/webhook-endpoints/${endpoint.id}`)).body;
const deliveries = async (query = '') =>
  (await webhooks.call('GET', `/v1/webhook-endpoints/${endpoint.id}/deliveries${query}`)).body.data as Json[];
const ended = (eventId: string) =>
  eventually(async () => {
    const found = (await deliveries()).find((one) => one.eventId === eventId);
    return found?.status !== 'pending' && found;
  });
const readLog = async ({ id }: Json) => (await webhooks.call('GET', `/v1/deliveries/${id}`)).body;
const publishedTypes = async (): Promise<string[]> => {
  const { rows } = await webhooks.pool.query(
    'select type from outbox where aggregate_id = $1 order by position',
    [endpoint.id],
  );
  return rows.map(({ type }) => type);
};

it('tries again with the same id and body until it arrives, and logs every attempt without the signature', async () => {
  receiver.respond = () =>
    receiver.received.length < 3
      ? { status: 500, body: `no\u0000${'x'.repeat(3_000)}` }
      : { status: 200, body: 'thanks' };
  const event = await publish();
  const delivery = await ended(event.id);
  expect(delivery).toMatchObject({ status: 'delivered', attempts: 3, lastStatus: 200, nextAttemptAt: null });
  expect(
    new Set(receiver.received.map(({ headers, text }) => `${headers['webhook-id'] as string} ${text}`)).size,
  ).toBe(1);
  expect(receiver.verified(endpoint.secret)).toHaveLength(3);

  const { log, body } = await readLog(delivery);
  expect(body).toBe(receiver.received[0]!.text);
  expect(log.map((one: Json) => [one.number, one.status])).toEqual([
    [3, 200],
    [2, 500],
    [1, 500],
  ]);
  expect(log[0].responseHead).toBe('thanks');
  expect(log[1].responseHead).toHaveLength(1024);
  expect(log[0].requestHeaders).toEqual({
    'content-type': 'application/cloudevents+json',
    'user-agent': 'Isthmus-Webhooks/1',
    'webhook-id': event.id,
    'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
  });
  expect(await read()).toMatchObject({ failingSince: null, pending: 0, undelivered: 0 });
});

it.each([
  ['does not answer', () => 'hang' as const, { error: 'timeout', status: null }],
  ['sends elsewhere', () => ({ status: 307, headers: { location: '/else' } }), { error: null, status: 307 }],
])('one that %s has failed', async (_, answer, expected) => {
  receiver.respond = answer;
  const { log } = await readLog(await ended((await publish()).id));
  expect(log).toHaveLength(3);
  for (const one of log) expect(one).toMatchObject(expected);
  expect(receiver.received.every(({ headers }) => headers['webhook-id'])).toBe(true);
  expect(await read()).toMatchObject({
    undelivered: 1,
    lastFailure: String(expected.error ?? expected.status),
  });
});

it('lists its deliveries by type of event and by when they were made', async () => {
  const event = await publish();
  const { createdAt } = await ended(event.id);
  const changed = 'account-sync.provider-subscription-changed.v1';
  const after = new Date(Date.parse(createdAt) + 1).toISOString();
  expect(await deliveries(`?eventType=${changed}&since=${createdAt}`)).toHaveLength(1);
  expect(await deliveries(`?since=${after}`)).toEqual([]);
  expect(await deliveries('?eventType=account-sync.invoice-imported.v1')).toEqual([]);
});

it('one that is not there has failed', async () => {
  const { body } = await webhooks.call(
    'PATCH',
    `/v1/webhook-endpoints/${endpoint.id}`,
    { url: 'http://127.0.0.1:1/' },
    {},
    {
      'if-match': `"${endpoint.version}"`,
    },
  );
  expect(body.url).toBe('http://127.0.0.1:1/');
  expect(await ended((await publish()).id)).toMatchObject({
    lastError: 'connection-refused',
    status: 'undelivered',
  });
});

it('leaves an endpoint alone for as long as it asks, and all of it', async () => {
  receiver.respond = () =>
    receiver.received.length === 1 ? { status: 429, headers: { 'retry-after': '1' } } : { status: 200 };
  const first = await publish();
  await eventually(() => receiver.received.length === 1);
  await eventually(async () => (await read()).heldUntil !== null);
  const second = await publish();
  await Promise.all([ended(first.id), ended(second.id)]);
  expect(receiver.received).toHaveLength(3);
  expect(receiver.received[1]!.at - receiver.received[0]!.at).toBeGreaterThanOrEqual(950);
});

it('keeps the order of an aggregate in first attempts, lets others by where one fails, and keeps to the limit', async () => {
  const subscriptions = [randomUUID(), randomUUID()];
  const versions = Array.from({ length: 12 }, (_, n) => n + 1);
  const bad = new Set<string>();
  // The odd ones take longer, so that an even one that did not wait would overtake.
  receiver.respond = ({ event }) => ({
    status: bad.has(event.id) ? 500 : 200,
    afterMs: event.aggregateversion % 2 ? 25 : 1,
  });
  const events = subscriptions.flatMap((subscription) =>
    versions.map((version) => subscriptionChanged(webhooks.tenantId, subscription, version)),
  );
  bad.add(events[0]!.id);
  await webhooks.publish(...events);
  await ended(events[0]!.id);
  await eventually(async () => (await read()).pending === 0);
  const firsts = receiver.received.filter(
    ({ event }, index) => receiver.received.findIndex((other) => other.event.id === event.id) === index,
  );
  for (const subscription of subscriptions) {
    const came = firsts.filter(({ event }) => event.subject === subscription);
    expect(came.map(({ event }) => event.aggregateversion)).toEqual(versions);
    for (const [index, { at }] of came.slice(1).entries())
      if (came[index]!.event.aggregateversion % 2) expect(at - came[index]!.at).toBeGreaterThanOrEqual(20);
  }
  expect(receiver.maxConcurrent).toBe(2);
  expect((await deliveries('?status=undelivered')).map(({ eventId }) => eventId)).toEqual([events[0]!.id]);
});

it('a replay sends what is about one aggregate one after another, and waits for what fails; others go on', async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  const events = [1, 2, 3].flatMap((version) => [
    subscriptionChanged(webhooks.tenantId, one, version),
    subscriptionChanged(webhooks.tenantId, other, version),
  ]);
  await webhooks.publish(...events);
  await Promise.all(events.map(({ id }) => ended(id)));
  receiver.received.length = 0;
  receiver.respond = ({ event }) => ({
    status:
      event.subject === one && receiver.received.filter((got) => got.event.subject === one).length < 3
        ? 500
        : 200,
  });
  const since = new Date(Date.now() - 60_000).toISOString();
  await webhooks.call('POST', `/v1/webhook-endpoints/${endpoint.id}/replay`, { since });
  await eventually(async () => (await read()).pending === 0);
  const came = receiver.received
    .filter(({ event }) => [one, other].includes(event.subject))
    .map(({ event }) => `${event.subject === one ? 'one' : 'other'} ${event.aggregateversion as number}`);
  const sequence = ['one 1', 'one 1', 'one 1', 'one 2', 'one 3'];
  expect(came.filter((text) => text.startsWith('one'))).toEqual(sequence);
  expect(came.indexOf('other 3')).toBeLessThan(came.indexOf('one 2'));
});

it('a recovery waits behind what an earlier replay of the same aggregate is still trying', async () => {
  const subscription = randomUUID();
  receiver.respond = () => ({ status: 500 });
  const missed = await publish(1, subscription);
  await ended(missed.id);
  receiver.respond = () => ({ status: 204 });
  const replayed = await publish(2, subscription);
  await ended(replayed.id);
  // As if the receiver had refused it: it is tried again in an hour.
  await webhooks.pool.query(
    `update deliveries set status = 'pending', in_order = true, next_attempt_at = now() + interval '1 hour' where event_id = $1`,
    [replayed.id],
  );
  receiver.received.length = 0;
  await webhooks.call('POST', `/v1/webhook-endpoints/${endpoint.id}/recover`);
  const waiting = await deliveries('?status=pending');
  expect(new Set(waiting.map(({ eventId }) => eventId))).toEqual(new Set([missed.id, replayed.id]));
  expect(new Set(waiting.map(({ nextAttemptAt }) => nextAttemptAt)).size).toBe(1);
  await webhooks.pool.query('update deliveries set next_attempt_at = now() where event_id = any($1)', [
    [missed.id, replayed.id],
  ]);
  await eventually(async () => (await read()).pending === 0);
  expect(receiver.received.map(({ event }) => event.aggregateversion)).toEqual([2, 1]);
});

it('one that is asked for again while it is under way is sent again after that', async () => {
  receiver.respond = () => ({ status: 200, afterMs: 200 });
  const event = await publish();
  await eventually(() => receiver.received.length === 1);
  const [delivery] = await deliveries();
  expect((await webhooks.call('POST', `/v1/deliveries/${delivery.id}/resend`)).status).toBe(202);
  expect(await ended(event.id)).toMatchObject({ status: 'delivered', attempts: 2 });
  expect(receiver.received).toHaveLength(2);
});

it('one that is failing gets one request at a time', async () => {
  receiver.respond = () => ({ status: 500 });
  await ended((await publish()).id);
  Object.assign(receiver, { maxConcurrent: 0, respond: () => ({ status: 500, afterMs: 20 }) });
  const events = Array.from({ length: 6 }, () => subscriptionChanged(webhooks.tenantId, randomUUID(), 1));
  await webhooks.publish(...events);
  await Promise.all(events.map(({ id }) => ended(id)));
  expect(receiver.maxConcurrent).toBe(1);
});

it('one that is slow does not hold up another', async () => {
  receiver.respond = () => 'hang';
  const quick = await startReceiver();
  const other = await webhooks.endpoint(quick.url);
  await webhooks.publish(
    ...Array.from({ length: 20 }, () => subscriptionChanged(webhooks.tenantId, randomUUID(), 1)),
  );
  await eventually(() => quick.received.length === 20);
  expect(receiver.received.length).toBeLessThan(20);
  await webhooks.call('DELETE', `/v1/webhook-endpoints/${other.id}`);
  await quick.close();
});

it('says that an endpoint fails, once, and disables it after failing for long; what it misses is kept', async () => {
  receiver.respond = () => ({ status: 503 });
  for (let n = 0; (await read()).status === 'enabled'; n += 1) {
    if (n > 300) throw new Error('It was never disabled.');
    await ended((await publish()).id);
  }
  expect(await publishedTypes()).toEqual(['webhooks.endpoint-degraded.v1', 'webhooks.endpoint-disabled.v1']);
  expect(await read()).toMatchObject({
    disabledReason: 'failing',
    disabledAt: expect.any(String),
    pending: 0,
  });
  const before = receiver.received.length;
  expect(await ended((await publish()).id)).toMatchObject({ status: 'undelivered', attempts: 0 });
  expect(receiver.received).toHaveLength(before);
  expect((await webhooks.call('POST', `/v1/webhook-endpoints/${endpoint.id}/recover`)).status).toBe(409);

  receiver.respond = () => ({ status: 200 });
  await webhooks.call('POST', `/v1/webhook-endpoints/${endpoint.id}/enable`);
  const { queued } = (await webhooks.call('POST', `/v1/webhook-endpoints/${endpoint.id}/recover`)).body;
  expect(queued).toBeGreaterThan(1);
  await eventually(async () => (await read()).pending === 0);
  expect(await read()).toMatchObject({ undelivered: 0, failingSince: null, disabledAt: null });
});

it('disables one that says it is gone, at once', async () => {
  receiver.respond = () => ({ status: 410 });
  await ended((await publish()).id);
  expect(await read()).toMatchObject({ status: 'disabled', disabledReason: 'gone' });
  expect(await publishedTypes()).toEqual(['webhooks.endpoint-disabled.v1']);
  expect(receiver.received).toHaveLength(1);
});

it('recovers only what was published since a given time', async () => {
  receiver.respond = () => ({ status: 500 });
  const [old, recent] = [new Date(Date.now() - 3_600_000), new Date()].map((time) => ({
    ...subscriptionChanged(webhooks.tenantId, randomUUID(), 1),
    time,
  }));
  await webhooks.publish(old!, recent!);
  await Promise.all([old!, recent!].map(({ id }) => ended(id)));
  receiver.respond = () => ({ status: 200 });
  const recover = `/v1/webhook-endpoints/${endpoint.id}/recover`;
  for (const since of ['yesterday', '2026-11-27', 5])
    expect([since, (await webhooks.call('POST', recover, { since })).status]).toEqual([since, 400]);
  const since = new Date(Date.now() - 60_000).toISOString();
  expect((await webhooks.call('POST', recover, { since })).body).toEqual({ queued: 1 });
  expect(await ended(recent!.id)).toMatchObject({ status: 'delivered' });
  expect(await ended(old!.id)).toMatchObject({ status: 'undelivered' });
  expect((await webhooks.call('POST', recover)).body).toEqual({ queued: 1 });
  expect(await ended(old!.id)).toMatchObject({ status: 'delivered' });
});

it('says what an endpoint got lately, and when the last; what is older does not count', async () => {
  expect(await read()).toMatchObject({ delivered24h: 0, lastDeliveredAt: null });
  const events = [await publish(), await publish(), await publish()];
  const deliveries = await Promise.all(events.map(({ id }) => ended(id)));
  await webhooks.pool.query(
    `update deliveries set last_attempt_at = now() - interval '25 hours' where event_id = $1`,
    [events[0]!.id],
  );
  receiver.respond = () => ({ status: 500 });
  await ended((await publish()).id);
  const last = deliveries.map(({ lastAttemptAt }) => lastAttemptAt as string).toSorted();
  const expected = { delivered24h: 2, undelivered: 1, pending: 0 };
  const state = await read();
  expect(state).toMatchObject(expected);
  expect(last).toContain(state.lastDeliveredAt);
  const { data } = (await webhooks.call('GET', '/v1/webhook-endpoints')).body;
  expect(data.find(({ id }: Json) => id === endpoint.id)).toEqual(state);
});

it('lists the deliveries of an event, one to each endpoint', async () => {
  const other = await webhooks.endpoint(receiver.url, { eventTypes: ['product-catalog.*'] });
  const event = await publish();
  const delivery = await ended(event.id);
  const of = (id: string, as?: object) =>
    webhooks.call('GET', `/v1/events/${id}/deliveries`, undefined, as as never);
  expect((await of(event.id)).body).toEqual([delivery]);
  expect((await of(event.id, { tenant: randomUUID() })).status).toBe(404);
  expect((await of(randomUUID())).status).toBe(404);
  await webhooks.call('DELETE', `/v1/webhook-endpoints/${other.id}`);
});

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@isthmus/testing';
import { startReceiver, type Receiver } from '../../test/receiver.fixture.ts';
import {
  subscriptionChanged,
  runWebhooks,
  type Json,
  type RunningWebhooks,
} from '../../test/webhooks.fixture.ts';

/** A day passes in 1.2 seconds. */
const scale = 1 / 72_000;
const day = 86_400_000 * scale;
const inScale = (...seconds: number[]) => seconds.map((one) => (one * scale).toFixed(6)).join();

let webhooks: RunningWebhooks;
let receiver: Receiver;
let endpoint: Json;
beforeAll(async () => {
  webhooks = await runWebhooks({
    WEBHOOK_RETRY_SECONDS: inScale(0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000),
    WEBHOOK_FAILING_SECONDS: inScale(1_800),
    WEBHOOK_POLL_MS: '10',
  });
  receiver = await startReceiver();
  endpoint = await webhooks.endpoint(receiver.url);
});
afterAll(async () => {
  await receiver.close();
  await webhooks.stop();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.respond = () => ({ status: 204 });
});

const path = () => `/v1/webhook-endpoints/${endpoint.id}`;
const read = async () => (await webhooks.call('GET', path())).body;
const quiet = () => eventually(async () => (await read()).pending === 0);
const post = async (action: string, body?: object) =>
  (await webhooks.call('POST', `${path()}/${action}`, body)).body;
const versionsOf = (subscription: string) =>
  receiver.received
    .filter(({ event }) => event.subject === subscription)
    .map(({ event }) => event.aggregateversion as number);

const subscriptions = Array.from({ length: 4 }, () => randomUUID());

it('down for four days: what ran out of attempts is listed, and one recover brings it in order per subscription', async () => {
  const begun = Date.now();
  receiver.respond = () => ({ status: 502 });
  const sayVersions = (...versions: number[]) =>
    webhooks.publish(
      ...versions.flatMap((version) =>
        subscriptions.map((one) => subscriptionChanged(webhooks.tenantId, one, version)),
      ),
    );
  await sayVersions(1, 2, 3);
  await eventually(async () => (await read()).undelivered === 12);
  await sleep(Math.max(0, begun + 4 * day - Date.now()));
  await sayVersions(4, 5, 6);
  await eventually(() => receiver.received.some(({ event }) => event.aggregateversion === 6));
  receiver.respond = () => ({ status: 204 });
  await quiet();
  const { undelivered, status } = await read();
  const missed = (await webhooks.call('GET', `${path()}/deliveries?status=undelivered&limit=200`)).body.data;
  expect(status).toBe('enabled');
  expect(missed).toHaveLength(undelivered);
  expect(undelivered).toBeGreaterThanOrEqual(12);
  for (const one of missed) expect(one).toMatchObject({ attempts: 8, lastStatus: 502 });

  receiver.received.length = 0;
  // One of them fails once more: those behind it wait, the others go on.
  const stumbling = missed.at(-1).eventId as string;
  let stumbled = false;
  receiver.respond = ({ event }) => {
    if (event.id !== stumbling || stumbled) return { status: 204 };
    stumbled = true;
    return { status: 500 };
  };
  expect(await post('recover')).toEqual({ queued: undelivered });
  await quiet();
  expect(stumbled).toBe(true);
  expect(receiver.received).toHaveLength(undelivered + 1);
  for (const subscription of subscriptions) {
    const versions = versionsOf(subscription);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(versions[0]).toBe(1);
  }
  expect(await read()).toMatchObject({ undelivered: 0, failingSince: null });
});

it('replays since an event or a time, in order also where events had come in another, and sends each once', async () => {
  const mixed = randomUUID();
  const others = [randomUUID(), randomUUID()];
  const before = subscriptionChanged(webhooks.tenantId, others[0]!, 1);
  await webhooks.publish(before);
  await eventually(() => receiver.received.length === 1);
  const marks = [2, 4, 1, 3].map((version) => subscriptionChanged(webhooks.tenantId, mixed, version));
  for (const event of marks) {
    await webhooks.publish(event);
    await eventually(() => receiver.received.some(({ event: { id } }) => id === event.id));
    await webhooks.publish(...others.map((one) => subscriptionChanged(webhooks.tenantId, one, 5)));
  }
  await eventually(() => receiver.received.length === 13);
  await quiet();

  receiver.received.length = 0;
  expect(await post('replay', { since: marks[0]!.id })).toEqual({ queued: 12 });
  await quiet();
  expect(receiver.received).toHaveLength(12);
  expect(versionsOf(mixed)).toEqual([1, 2, 3, 4]);
  expect(receiver.verified(endpoint.secret)).toHaveLength(12);

  receiver.received.length = 0;
  const since = new Date(before.time.getTime()).toISOString();
  expect(await post('replay', { since })).toEqual({ queued: 13 });
  await quiet();
  expect(receiver.received).toHaveLength(13);
});

it('an endpoint that is made later can have what was said before', async () => {
  const late = await startReceiver();
  const { id } = await webhooks.endpoint(late.url, { eventTypes: ['account-sync.*'] });
  const { queued } = (
    await webhooks.call('POST', `/v1/webhook-endpoints/${id}/replay`, { since: '2026-01-01T00:00:00Z' })
  ).body;
  expect(queued).toBe(24 + 13);
  await eventually(() => late.received.length === queued);
  await late.close();
});

it('sends one again on request, with the same id', async () => {
  const [delivery] = (await webhooks.call('GET', `${path()}/deliveries`)).body.data;
  const { status } = await webhooks.call('POST', `/v1/deliveries/${delivery.id}/resend`);
  expect(status).toBe(202);
  await eventually(() => receiver.received.length === 1);
  await quiet();
  expect(receiver.received[0]!.headers['webhook-id']).toBe(delivery.eventId);
  const { log } = (await webhooks.call('GET', `/v1/deliveries/${delivery.id}`)).body;
  expect(log).toHaveLength(delivery.attempts + 1);
});

it.each([
  [{}, 400],
  [{ since: '2026-01-01T00:00:00Z', until: 'now' }, 400],
  [{ since: 5 }, 400],
  [{ since: 'yesterday' }, 400],
  [{ since: randomUUID() }, 404],
])('replays nothing for %j', async (body, status) => {
  await quiet();
  expect((await webhooks.call('POST', `${path()}/replay`, body)).status).toBe(status);
  expect(await read()).toMatchObject({ pending: 0 });
});

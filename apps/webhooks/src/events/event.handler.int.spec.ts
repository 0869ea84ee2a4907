import { randomUUID } from 'node:crypto';
import { eventContracts } from '@isthmus/contracts';
import { eventually } from '@isthmus/testing';
import { startReceiver, type Receiver } from '../../test/receiver.fixture.ts';
import {
  subscriptionChanged,
  readFixture,
  runWebhooks,
  newEvent,
  type RunningWebhooks,
} from '../../test/webhooks.fixture.ts';

let webhooks: RunningWebhooks;
let receiver: Receiver;
beforeAll(async () => {
  webhooks = await runWebhooks();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await webhooks.stop();
});

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

it('brings every public event of every service to the tenant it belongs to, as it was said and signed', async () => {
  const { tenantId } = webhooks;
  const { secret } = await webhooks.endpoint(receiver.url);
  const mine = eventContracts().map(({ type, eventType }) =>
    newEvent(type, readFixture(eventType), tenantId, {
      aggregateId: `about ${eventType}`,
      aggregateVersion: 7,
      traceparent,
    }),
  );
  const others = mine.map((event) => ({ ...event, id: randomUUID(), tenantId: randomUUID() }));
  await webhooks.publish(...others, ...mine);
  await eventually(() => receiver.received.length >= mine.length);
  const came = new Map(receiver.verified(secret).map((event) => [event.id, event]));
  expect(receiver.received).toHaveLength(mine.length);
  for (const { id, type, data, aggregateId, correlationId, time } of mine) {
    expect(came.get(id)).toEqual({
      specversion: '1.0',
      id,
      source: '/isthmus/account-sync',
      type,
      time: time.toISOString(),
      subject: aggregateId,
      datacontenttype: 'application/json',
      tenantid: tenantId,
      correlationid: correlationId,
      aggregateversion: 7,
      traceparent: expect.stringContaining(traceparent.slice(0, 35)),
      data,
    });
  }
  for (const { headers, event } of receiver.received) {
    expect(headers).toMatchObject({ 'content-type': 'application/cloudevents+json', 'webhook-id': event.id });
    expect(headers.traceparent).toMatch(new RegExp(`^${traceparent.slice(0, 35)}`));
  }
});

it('sends only what the endpoint asked for', async () => {
  const picky = await startReceiver();
  await webhooks.endpoint(picky.url, {
    eventTypes: ['account-sync.provider-subscription-changed.v1', 'product-catalog.*'],
  });
  const wanted = ['product-catalog.price-changed.v1', 'account-sync.provider-subscription-changed.v1'];
  const contracts = eventContracts().filter(
    ({ eventType }) => wanted.includes(eventType) || eventType === 'account-sync.sync-run-started.v1',
  );
  await webhooks.publish(
    ...contracts.map(({ type, eventType }) => newEvent(type, readFixture(eventType), webhooks.tenantId)),
  );
  const end = subscriptionChanged(webhooks.tenantId, randomUUID(), 1);
  await webhooks.publish(end);
  await eventually(() => picky.received.some(({ event }) => event.id === end.id));
  await eventually(() => picky.received.length >= 3);
  expect(picky.received.map(({ event }) => event.type as string).toSorted()).toEqual([
    wanted[1],
    wanted[1],
    wanted[0],
  ]);
  await picky.close();
});

it('sends an event once that the bus delivers three times', async () => {
  const before = receiver.received.length;
  const event = subscriptionChanged(webhooks.tenantId, randomUUID(), 1);
  await webhooks.publish(event);
  await eventually(() => receiver.received.length > before);
  await webhooks.deliver(event);
  await webhooks.deliver(event);
  const last = subscriptionChanged(webhooks.tenantId, randomUUID(), 1);
  await webhooks.publish(last);
  await eventually(() => receiver.received.some(({ event: { id } }) => id === last.id));
  expect(receiver.received.filter(({ event: { id } }) => id === event.id)).toHaveLength(1);
});

it('stores what can be stored when one that is heard at the same moment cannot be', async () => {
  const events = Array.from({ length: 5 }, () => subscriptionChanged(webhooks.tenantId, randomUUID(), 1));
  const bad = { ...subscriptionChanged(webhooks.tenantId, randomUUID(), 1), aggregateId: 'a\u0000b' };
  const results = await Promise.allSettled(
    [...events.slice(0, 2), bad, ...events.slice(2)].map((event) => webhooks.deliver(event)),
  );
  expect(results.map(({ status }) => status === 'fulfilled')).toEqual([true, true, false, true, true, true]);
  for (const { id } of events) await eventually(() => receiver.received.some(({ event }) => event.id === id));
});

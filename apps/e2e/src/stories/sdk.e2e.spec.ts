import { randomUUID } from 'node:crypto';
import { connect, InvalidInput, type Isthmus, type IsthmusEvent, NotFound, StaleVersion } from '@isthmus/sdk';
import { unwrap } from '@isthmus/sdk/webhooks';
import { apiContract, defaultTenant, eventually } from '@isthmus/testing';
import { connectorFields, isNce, oneMore, OrderTime, subscriptionsLike } from '../platform/acts.ts';
import { webhookReceiver } from '../platform/receivers.ts';
import { type Platform, type PlatformClients, startPlatform } from '../platform/start-platform.ts';

let platform: Platform;
let user: PlatformClients;
let isthmus: Isthmus;
let time: OrderTime;
let connectorId: string;

beforeAll(async () => {
  platform = await startPlatform({
    lifecycle: true,
    webhooks: true,
    simulator: { world: 'sized:20:120', orderDelaySeconds: 0.3 },
    env: { ORDER_POLL_MS: '100', EVENT_STREAM_POLL_MS: '100' },
  });
  time = new OrderTime(platform);
  user = await platform.as();
  isthmus = connect({
    baseUrl: {
      'connector-config': platform.connectorConfig.url,
      'account-sync': platform.accountSync.url,
      'subscription-lifecycle': platform.lifecycle!.url,
      webhooks: platform.webhooks!.url,
    },
    token: () => platform.token({ tenant: defaultTenant, roles: ['admin'] }),
  });
});
afterAll(async () => {
  await time?.pool.end();
  await platform?.stop();
});

/** What a stream brought is as its document says. */
const expectAsDocumented = (service: string, path: string, event: string, data: object) =>
  expect(apiContract(service)!.eventDifferences(path, { event, data })).toEqual([]);

it('sets up a connector, follows the sync of its accounts, and reads all of them', async () => {
  ({ id: connectorId } = await isthmus.post('/v1/connectors', { body: connectorFields(platform) }));
  const verified = await isthmus.connectors.verify(connectorId);
  expect(verified.ok).toBe(true);
  const { id } = await eventually(() => isthmus.syncRuns.start({ connectorId, scope: 'accounts' }));
  const seen: string[] = [];
  for await (const run of isthmus.syncRuns.follow(id)) {
    seen.push(run.status);
    expectAsDocumented('account-sync', '/v1/sync-runs/{id}/progress', 'progress', run);
  }
  expect(seen.at(-1)).toBe('succeeded');
  const names: string[] = [];
  for await (const { name } of isthmus.all('/v1/provider-accounts', { query: { connectorId, limit: 7 } }))
    names.push(name);
  expect(names).toHaveLength(20);
  expect(names).toEqual(names.toSorted());
});

it('changes what it has read, and refuses to overwrite what somebody else changed meanwhile', async () => {
  const path = { id: connectorId };
  const { version } = await isthmus.get('/v1/connectors/{id}', { path });
  await isthmus.patch('/v1/connectors/{id}', { path, version, body: { name: 'IngramMicro East' } });
  const late = isthmus.patch('/v1/connectors/{id}', { path, version, body: { name: 'IngramMicro West' } });
  await expect(late).rejects.toThrow(StaleVersion);
  expect((await isthmus.get('/v1/connectors/{id}', { path })).name).toBe('IngramMicro East');
});

it('says what is wrong with a request, field by field', async () => {
  const wrong = { ...connectorFields(platform), country: 'Atlantis' };
  const error: InvalidInput = await isthmus.post('/v1/connectors', { body: wrong }).catch((caught) => caught);
  expect(error).toBeInstanceOf(InvalidInput);
  expect(error.errors.map(({ field }) => field)).toEqual(['country']);
  await expect(isthmus.get('/v1/orders/{id}', { path: { id: randomUUID() } })).rejects.toThrow(NotFound);
});

it('places an order once, follows it to its proof, and misses no event of it although its connection breaks', async () => {
  await isthmus.syncRuns
    .start({ connectorId, scope: 'subscriptions' })
    .then(({ id }) => isthmus.syncRuns.succeeded(id));
  const [subscription] = await subscriptionsLike(user, 1, isNce);
  const { data: before } = await isthmus.get('/v1/events', { query: { limit: 1 } });
  const since = before[0]!.sequence;
  const events: IsthmusEvent[] = [];
  const stop = new AbortController();
  const streaming = (async () => {
    for await (const event of isthmus.events.stream({ since, signal: stop.signal })) events.push(event);
  })().catch((error: unknown) => error);

  const order = oneMore(subscription) as { kind: 'change-quantity' };
  const key = randomUUID();
  const placed = await isthmus.orders.place(order, { key });
  expect((await isthmus.orders.place(order, { key })).id).toBe(placed.id);
  // Everything that streams is cut; what comes meanwhile is not lost.
  await platform.webhooks!.signal('SIGKILL');
  const following = time.hurry(isthmus.orders.settled(placed.id, { timeoutMs: 180_000 }));
  await platform.webhooks!.start();
  const settled = await following;
  expect(settled).toMatchObject({
    status: 'settled',
    seats: order.kind && subscription.lines[0].quantity + 1,
    seatsBefore: subscription.lines[0].quantity,
    accountName: subscription.accountName,
    source: 'api',
  });
  expectAsDocumented('subscription-lifecycle', '/v1/orders/{id}/progress', 'finished', settled);

  const ofOrder = () =>
    events
      .filter((event) => 'orderId' in event.data && event.data.orderId === placed.id)
      .map(({ type }) => type)
      .filter((type) => type.startsWith('subscription-lifecycle.order-'));
  await eventually(() => ofOrder().includes('subscription-lifecycle.order-settled.v1'));
  expect(ofOrder()).toEqual([
    'subscription-lifecycle.order-placed.v1',
    'subscription-lifecycle.order-settled.v1',
  ]);
  const sequences = events.map(({ sequence }) => sequence);
  expect(sequences).toEqual([...new Set(sequences)].toSorted((a, b) => a - b));
  for (const event of events) expectAsDocumented('webhooks', '/v1/events/stream', 'event', event);
  stop.abort();
  await streaming;

  const listed = await isthmus.get('/v1/events', { query: { correlationId: settled.correlationId } });
  expect(listed.data.map(({ type }) => type)).toContain('subscription-lifecycle.order-settled.v1');
});

it('unwraps a webhook', async () => {
  const receiver = await webhookReceiver();
  const { id, secret } = await isthmus.post('/v1/webhook-endpoints', { body: { url: receiver.url } });
  await isthmus.syncRuns.start({ connectorId, scope: 'accounts' });
  const { body, headers } = await eventually(() => receiver.received[0]);
  const event = unwrap(body, headers as Record<string, string>, secret);
  expect(event).toMatchObject({ specversion: '1.0', tenantid: defaultTenant });
  await isthmus.delete('/v1/webhook-endpoints/{id}', { path: { id } });
  await receiver.close();
});

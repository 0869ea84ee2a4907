import { randomUUID } from 'node:crypto';
import {
  ChangeSubscription,
  type RequestedOrderV1,
  ListSubscriptions,
  PlaceOrders,
  ProviderSubscriptionAppearedV1,
  ReadOrders,
  ReadSubscription,
} from '@isthmus/contracts';
import { Message } from '@isthmus/messaging';
import { type RunningServer, startNats, requestsTo } from '@isthmus/testing';
import { type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { ProviderEvents } from '../subscriptions/provider.events.ts';

let nats: RunningServer;
let lifecycle: Lifecycle;
let requests: ReturnType<typeof requestsTo>;
const providerAccountId = randomUUID();
const mpn = 'CFQ7TTC0LH16:0001';

beforeAll(async () => {
  nats = await startNats();
  const shared = process.env.TEST_NATS_URL;
  process.env.TEST_NATS_URL = nats.url;
  lifecycle = await runLifecycle();
  process.env.TEST_NATS_URL = shared;
  requests = requestsTo(lifecycle.service);
});
afterAll(async () => {
  await lifecycle?.stop();
  await nats?.stop();
});

const of = () => ({ tenantId: lifecycle.tenantId, connectorId: lifecycle.connectorId });

/** A subscription that the mirror has told of, read an hour ago. */
async function subscribed(lines = 1): Promise<string> {
  const id = randomUUID();
  const now = Date.now();
  const time = (ms: number) => new Date(now - ms).toISOString();
  const news: ProviderSubscriptionAppearedV1 = {
    connectorId: lifecycle.connectorId,
    providerSubscriptionId: id,
    providerAccountId,
    cmpSubscriptionId: id.slice(0, 30),
    cmpAccountId: '1',
    name: 'Basic',
    status: 'active',
    autoRenew: true,
    creationDate: time(3_600_000),
    quantityKnown: true,
    lines: Array.from({ length: lines }, (_, n) => ({
      mpn: n ? `${mpn}${n}` : mpn,
      vendor: 'MICROSOFT',
      productId: 'P1',
      name: 'x'.repeat(400),
      quantity: 10,
    })),
    asOf: time(3_600_000),
  };
  const envelope = {
    id: randomUUID(),
    subject: id,
    tenantId: lifecycle.tenantId,
    correlationId: 'sync',
    aggregateVersion: 1,
    time: time(0),
  };
  await lifecycle.service.get(ProviderEvents).subscriptionAppeared(news, new Message('x', envelope));
  return id;
}
const read = async (subscriptionId: string) =>
  (await requests.request(ReadSubscription, { ...of(), subscriptionId })).subscription;
const place = async (key: string, ...orders: RequestedOrderV1[]) =>
  (await requests.request(PlaceOrders, { ...of(), key, requestedBy: 'api-key work365', orders })).orders;
const seats = (subscriptionId: string, total: number): RequestedOrderV1 => ({
  kind: 'change-quantity',
  subscriptionId,
  seats: total,
});
const ordersOf = async (id: string) =>
  (await lifecycle.pool.query('select kind from orders where subscription_id = $1 order by position', [id]))
    .rows;
/** As the worker would note it after the proof. */
const settle = (orderId: string) =>
  lifecycle.pool.query(
    `update orders set status = 'settled', record = (record::jsonb || jsonb_build_object('status', 'settled',
       'finishedAt', (extract(epoch from now()) * 1000)::bigint))::json where id = $1`,
    [orderId],
  );

it('lists the subscriptions of an account page by page, however large they are', async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, () => subscribed(120)));
  const seen: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await requests.request(ListSubscriptions, { ...of(), providerAccountId, cursor });
    seen.push(...page.subscriptions.map(({ subscriptionId }) => subscriptionId));
    cursor = page.nextCursor;
    pages += 1;
  } while (cursor);
  expect(seen.toSorted()).toEqual(ids.toSorted());
  expect(pages).toBeGreaterThan(1);
});

it('places an order once per key, also when asked 5 times at once and again when it has been settled', async () => {
  const id = await subscribed();
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 5 }, () => place(key, seats(id, 12))));
  expect(new Set(answers.map(([order]) => order!.orderId)).size).toBe(1);
  await settle(answers[0]![0]!.orderId);
  expect(await place(key, seats(id, 12))).toMatchObject([{ outcome: 'settled', subscriptionId: id }]);
  expect(await ordersOf(id)).toHaveLength(1);
});

it('shows a settled order before the mirror has seen it, and judges the next one by it', async () => {
  const id = await subscribed();
  const [raised] = await place(randomUUID(), seats(id, 12));
  expect((await read(id))!.lines[0]!.quantity).toBe(10);
  await settle(raised!.orderId);
  expect((await read(id))!.lines[0]!.quantity).toBe(12);
  await expect(place(randomUUID(), seats(id, 12))).rejects.toMatchObject({ code: 'order.nothing-to-change' });
  expect(await place(randomUUID(), seats(id, 11))).toMatchObject([{ outcome: 'running' }]);
});

it('takes neither of two orders when one is refused, and says what to do', async () => {
  const id = await subscribed();
  const renewal: RequestedOrderV1 = { kind: 'renewal-setting', subscriptionId: id, autoRenew: false };
  const refused = place(randomUUID(), renewal, seats(id, 10));
  await expect(refused).rejects.toMatchObject({
    code: 'order.nothing-to-change',
    nextStep: expect.stringContaining('total'),
  });
  expect(await ordersOf(id)).toEqual([]);
  await place(randomUUID(), renewal, seats(id, 11));
  expect(await ordersOf(id)).toEqual([{ kind: 'renewal-setting' }, { kind: 'change-quantity' }]);
});

it('knows nothing of another connector or tenant', async () => {
  const id = await subscribed();
  const [order] = await place(randomUUID(), seats(id, 12));
  for (const stranger of [{ tenantId: randomUUID() }, { connectorId: randomUUID() }]) {
    const whose = { ...of(), ...stranger };
    expect(await requests.request(ReadSubscription, { ...whose, subscriptionId: id })).toEqual({});
    expect(
      (await requests.request(ListSubscriptions, { ...whose, providerAccountId })).subscriptions,
    ).toEqual([]);
    expect((await requests.request(ReadOrders, { ...whose, orderIds: [order!.orderId] })).orders).toEqual([]);
    const question = { ...whose, key: randomUUID(), requestedBy: 'x', orders: [seats(id, 13)] };
    await expect(requests.request(PlaceOrders, question)).rejects.toMatchObject({
      code: 'subscription.not-found',
    });
    const rename = { ...whose, subscriptionId: id, friendlyName: 'Mine', requestedBy: 'x' };
    await expect(requests.request(ChangeSubscription, rename)).rejects.toMatchObject({
      code: 'subscription.not-found',
    });
  }
  expect(await ordersOf(id)).toHaveLength(1);
});

it('gives a friendly name and takes it away', async () => {
  const subscriptionId = await subscribed();
  const rename = { ...of(), subscriptionId, requestedBy: 'api-key work365' };
  const named = await requests.request(ChangeSubscription, { ...rename, friendlyName: 'Sales team' });
  expect(named.subscription!.friendlyName).toBe('Sales team');
  await requests.request(ChangeSubscription, { ...rename, friendlyName: null });
  expect((await read(subscriptionId))!.friendlyName).toBeUndefined();
});

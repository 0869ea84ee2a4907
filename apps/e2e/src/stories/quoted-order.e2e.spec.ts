import { eventually } from '@isthmus/testing';
import {
  isNce,
  orderEnded,
  OrderTime,
  place,
  subscriptionsLike,
  sync,
  syncCatalogue,
  syncEverything,
} from '../platform/acts.ts';
import type { Untyped } from '../platform/http-client.ts';
import { type Platform, type PlatformClients, startPlatform } from '../platform/start-platform.ts';

let platform: Platform;
let user: PlatformClients;
let time: OrderTime;
let subscription: Untyped;
let connectorId: string;

beforeAll(async () => {
  platform = await startPlatform({
    lifecycle: true,
    catalog: true,
    simulator: { world: 'sized:40:300', orderDelaySeconds: 0.3 },
    env: { ORDER_POLL_MS: '100' },
  });
  time = new OrderTime(platform);
  user = await platform.as();
  connectorId = await syncEverything(platform, user);
  await syncCatalogue(user, connectorId);
  [subscription] = await subscriptionsLike(user, 1, isNce);
});
afterAll(async () => {
  await time?.pool.end();
  await platform?.stop();
});

const quote = (body: object) => user.subscriptions.post('/v1/quotes', body);
const ledger = () => platform.simulator.control.ledger();

it('quotes a purchase by part number, agreed with CMP to the cent, and places just that', async () => {
  const wanted = {
    kind: 'create',
    providerAccountId: subscription.providerAccountId,
    partNumber: 'INGRAM:MICROSOFT:CFQ7TTC0LCHC:0002',
    billingPeriod: 'P1M',
    term: 'P1Y',
    seats: 4,
    parameters: [{ name: 'microsoft_domain', value: `quoted${subscription.cmpAccountId}.onmicrosoft.com` }],
  };
  const before = (await ledger()).length;
  const { status, body: quoted } = await quote(wanted);
  expect([status, quoted.refused]).toEqual([201, null]);
  expect(quoted.total.amount).toBe('88.00');
  expect(quoted).toMatchObject({ estimate: quoted.total, cmp: { answer: 'estimated', total: quoted.total } });
  expect(await ledger()).toHaveLength(before);

  const dearer = await place(user, { ...wanted, seats: 5, quoteId: quoted.id });
  expect([dearer.status, dearer.body.errors[0].field]).toEqual([422, 'seats']);
  const placed = await place(user, { ...wanted, quoteId: quoted.id });
  const order = await time.hurry(orderEnded(user, placed.body.id));
  expect(order.status).toBe('settled');
  expect(await ledger()).toHaveLength(before + 1);
  expect((await place(user, { ...wanted, quoteId: quoted.id })).status).toBe(409);
});

it('keeps a friendly name through a sync that changes the subscription', async () => {
  const path = `/v1/subscriptions/${subscription.id}`;
  const { headers } = await user.subscriptions.get(path);
  const named = await user.subscriptions.send(
    'PATCH',
    path,
    { friendlyName: 'Front desk' },
    { 'if-match': headers.get('etag')! },
  );
  expect(named.status).toBe(200);
  const { control } = platform.simulator;
  await control.patchSubscription(subscription.cmpSubscriptionId, { name: 'Renamed at CMP' });
  const run = await sync(user.accounts, { connectorId, scope: 'subscriptions', depth: 'full' });
  expect(run.status).toBe('succeeded');
  const synced = await eventually(async () => {
    const { body } = await user.subscriptions.get(path);
    return body.name === 'Renamed at CMP' ? body : undefined;
  });
  expect(synced.friendlyName).toBe('Front desk');
});

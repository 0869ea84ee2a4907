import { randomUUID } from 'node:crypto';
import { ProviderSubscriptionAppearedV1, ProviderSubscriptionChangedV1 } from '@isthmus/contracts';
import { Message } from '@isthmus/messaging';
import { type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { mirrored } from '../../test/mirror.fixture.ts';
import { ProviderEvents } from '../subscriptions/provider.events.ts';

let lifecycle: Lifecycle;
beforeAll(async () => {
  lifecycle = await runLifecycle();
});
afterAll(() => lifecycle.stop());

const nce = 'CFQ7TTC0LH16:0001';
const legacy = 'bd938f12-058f-4927-bba3-ae36b1d2501c_ANNUAL';
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
let numbers = 100;

const message = (id: string, version: number, eventId: string = randomUUID()) =>
  new Message('x', {
    id: eventId,
    subject: id,
    tenantId: lifecycle.tenantId,
    correlationId: 'sync',
    aggregateVersion: version,
    time: daysAgo(0),
  });
const news = (id: string, more: object = {}, mpn = nce, seats = 10): ProviderSubscriptionAppearedV1 => ({
  connectorId: lifecycle.connectorId,
  providerSubscriptionId: id,
  cmpSubscriptionId: `s${id}`,
  cmpAccountId: '1',
  name: 'Basic',
  status: 'active',
  autoRenew: true,
  creationDate: daysAgo(100),
  renewalDate: daysAgo(-265),
  quantityKnown: true,
  lines: [{ mpn, vendor: 'MICROSOFT', productId: 'P1', name: 'Basic', quantity: seats }],
  asOf: daysAgo(3),
  ...more,
});
/** A subscription that the mirror has told of. */
async function subscribed(more: object = {}, mpn = nce): Promise<string> {
  const id = randomUUID();
  await lifecycle.service.get(ProviderEvents).subscriptionAppeared(news(id, more, mpn), message(id, 1));
  return id;
}
const changed = (id: string, version: number, more: object, seats: number, eventId?: string) =>
  lifecycle.service
    .get(ProviderEvents)
    .subscriptionChanged(
      news(id, more, nce, seats) as ProviderSubscriptionChangedV1,
      message(id, version, eventId),
    );
const place = (body: object, key: string = randomUUID()) =>
  lifecycle.call('POST', '/v1/orders', body, { 'idempotency-key': key });
const orders = async (subscriptionId: string) =>
  (await lifecycle.call('GET', `/v1/orders?subscriptionId=${subscriptionId}`)).body.data;
const codeOf = ({ body }: { body: { type: string } }) => body.type.replace('urn:isthmus:problem:', '');

describe('ordering', () => {
  it('accepts an order with 202, a place to follow it, and its history', async () => {
    const subscriptionId = await subscribed();
    const accepted = await place({ kind: 'change-quantity', subscriptionId, seats: 12 });
    expect(accepted).toMatchObject({ status: 202, body: { status: 'planned', seats: 12, mpn: nce } });
    const read = await lifecycle.call('GET', accepted.headers.get('location')!);
    expect(read.body).toMatchObject({
      id: accepted.body.id,
      history: [{ status: 'planned' }],
      waitsFor: null,
    });
    expect(read.headers.get('etag')).toBe('"1"');
  });

  it('makes one order of 50 equal commands at once, and refuses the key for another body', async () => {
    const subscriptionId = await subscribed();
    const key = randomUUID();
    const body = { kind: 'change-quantity', subscriptionId, seats: 12 };
    const answers = await Promise.all(Array.from({ length: 50 }, () => place(body, key)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body: { id } }) => id)).size).toBe(1);
    expect(await orders(subscriptionId)).toHaveLength(1);
    expect((await place({ ...body, seats: 13 }, key)).status).toBe(422);
  });

  it('shows what an order waits for', async () => {
    const subscriptionId = await subscribed();
    const first = await place({ kind: 'change-quantity', subscriptionId, seats: 12 });
    const second = await place({ kind: 'renewal-setting', subscriptionId, autoRenew: false });
    const read = await lifecycle.call('GET', `/v1/orders/${second.body.id}`);
    expect(read.body.waitsFor).toBe(first.body.id);
  });

  it.each([
    ['a legacy update', { kind: 'change-quantity', seats: 12 }, legacy, 'order.legacy-update-not-supported'],
    ['an upgrade', { kind: 'upgrade' }, nce, 'order.upgrade-not-supported'],
    ['a migration', { kind: 'migrate' }, legacy, 'order.migration-not-supported'],
    ['Azure', { kind: 'change-quantity', seats: 2 }, 'MS-AZR-0145P', 'order.azure-not-supported'],
    ['a late cancellation', { kind: 'cancel' }, nce, 'order.cancellation-window-closed'],
    ['a late decrease', { kind: 'change-quantity', seats: 2 }, nce, 'order.decrease-outside-window'],
    ['the same number', { kind: 'change-quantity', seats: 10 }, nce, 'order.nothing-to-change'],
  ])('refuses %s before any order, and says what to do instead', async (_, body, mpn, code) => {
    const subscriptionId = await subscribed({}, mpn);
    const refused = await place({ ...body, subscriptionId });
    expect(refused.status).toBe(422);
    expect(codeOf(refused as never)).toBe(code);
    expect(refused.body.nextStep.length).toBeGreaterThan(15);
    expect(await orders(subscriptionId)).toEqual([]);
  });

  it('withdraws what was not sent, and refuses to retry or resolve what needs nobody', async () => {
    const subscriptionId = await subscribed();
    const { body } = await place({ kind: 'change-quantity', subscriptionId, seats: 12 });
    const act = (action: string, more?: object) =>
      lifecycle.call('POST', `/v1/orders/${body.id}/${action}`, more);
    expect((await act('retry')).status).toBe(409);
    expect((await act('resolve', { outcome: 'settled', reason: 'looked' })).status).toBe(409);
    expect(await act('withdraw')).toMatchObject({ status: 202, body: { status: 'withdrawn' } });
    const said = (await lifecycle.said()).filter(({ data }) => data.orderId === body.id);
    expect(said.map(({ subject }) => subject)).toEqual(['subscription-lifecycle.order-withdrawn.v1']);
  });

  it('keeps tenants and roles apart', async () => {
    const subscriptionId = await subscribed();
    const { body } = await place({ kind: 'change-quantity', subscriptionId, seats: 12 });
    const stranger = { tenant: randomUUID() };
    expect((await lifecycle.call('GET', `/v1/orders/${body.id}`, undefined, {}, stranger)).status).toBe(404);
    expect(
      (await lifecycle.call('POST', `/v1/orders/${body.id}/withdraw`, undefined, {}, stranger)).status,
    ).toBe(404);
    const viewer = await lifecycle.call(
      'POST',
      '/v1/orders',
      { kind: 'cancel', subscriptionId },
      { 'idempotency-key': randomUUID() },
      { roles: ['viewer'] } as never,
    );
    expect(viewer.status).toBe(403);
  });
});

describe('subscriptions', () => {
  it('follow the mirror, once per event and never backwards, and tell every change', async () => {
    const id = await subscribed();
    await mirrored(lifecycle).order(id, daysAgo(2), { seats: 4 });
    const eventId = randomUUID();
    await changed(id, 3, { asOf: daysAgo(1) }, 14, eventId);
    await changed(id, 3, { asOf: daysAgo(1) }, 14, eventId);
    await changed(id, 2, { asOf: daysAgo(0) }, 11);
    const { body } = await lifecycle.call('GET', `/v1/subscriptions/${id}`);
    expect(body).toMatchObject({ version: 2, lines: [{ quantity: 14 }] });
    expect(body.seatLots.map(({ seats }: { seats: number }) => seats)).toEqual([10, 4]);
    const history = await lifecycle.call('GET', `/v1/subscriptions/${id}/history`);
    expect(history.body.data.map(({ changes }: { changes: { fact: string }[] }) => changes[0]!.fact)).toEqual(
      ['lines', 'appeared'],
    );
    const said = (await lifecycle.said()).filter(({ data }) => data.subscriptionId === id);
    expect(said.map(({ subject }) => subject.replace('subscription-lifecycle.', ''))).toEqual([
      'subscription-created.v1',
      'subscription-changed.v1',
    ]);
  });

  it('tell what may be done with them, and until when', async () => {
    const id = await subscribed();
    await changed(id, 2, { asOf: daysAgo(1) }, 14);
    await mirrored(lifecycle).order(id, daysAgo(2), { seats: 4 });
    const { body } = await lifecycle.call('GET', `/v1/subscriptions/${id}/options`);
    expect(body).toMatchObject({
      decrease: { allowed: true, seats: 4 },
      cancel: { allowed: false, code: 'cancellation-window-closed' },
    });
    const refused = await place({ kind: 'change-quantity', subscriptionId: id, seats: 7 });
    expect(refused.body.detail).toContain('Only 4 can be returned now');
  });

  it('are listed page by page', async () => {
    for (let n = 0; n < 3; n += 1) await subscribed({ cmpSubscriptionId: `list${(numbers += 1)}` });
    const first = await lifecycle.call('GET', '/v1/subscriptions?limit=2');
    expect(first.body.data).toHaveLength(2);
    const next = await lifecycle.call('GET', `/v1/subscriptions?limit=2&cursor=${first.body.nextCursor}`);
    expect(next.body.data[0].id > first.body.data[1].id).toBe(true);
  });
});

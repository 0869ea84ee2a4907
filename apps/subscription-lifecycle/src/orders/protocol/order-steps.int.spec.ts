import type { CmpSubscriptionDetail } from '@isthmus/cmp-client';
import { type Lifecycle, runLifecycle } from '../../../test/lifecycle.fixture.ts';
import type { CreateSpec, OrderSpec } from '../order.ts';
import { orderRequest } from './order-at-cmp.ts';

let lifecycle: Lifecycle;
let cmpAccountId: string;
beforeAll(async () => {
  lifecycle = await runLifecycle();
  const { records } = await lifecycle.cmp.customers.page({ limit: 1 });
  cmpAccountId = records[0]!.id!;
});
afterAll(() => lifecycle.stop());
afterEach(() => lifecycle.simulator.control.clearFaults());

const product = {
  vendor: 'MICROSOFT',
  mpn: 'CFQ7TTC0LH16:0001',
  billingPeriod: { type: 'month', duration: 1 },
  term: { type: 'year', duration: 1 },
} as const;
let bought = 0;
const purchase = (seats = 3): OrderSpec => ({
  kind: 'create',
  cmpAccountId,
  product,
  seats,
  parameters: [
    { name: 'tenant_preference', value: 'new' },
    { name: 'microsoft_domain', value: `story${(bought += 1)}.onmicrosoft.com` },
    { name: 'mca_acceptance', value: 'yes' },
    { name: 'agreement_date', value: '01-31-2026' },
    { name: 'first_name_agreement', value: 'Jane' },
    { name: 'last_name_agreement', value: 'Doe' },
    { name: 'email_address_agreement', value: 'jane@fabrikam.example' },
  ],
});
const atCmp = (id: string | null): Promise<CmpSubscriptionDetail> => lifecycle.cmp.subscriptions.get(id!);
const ledgerOf = async (marker: string) =>
  (await lifecycle.simulator.control.ledger()).filter(({ poNumber }) => poNumber === marker);
const change = (subscription: CmpSubscriptionDetail, seats: number): OrderSpec => ({
  kind: 'change-quantity',
  cmpAccountId,
  cmpSubscriptionId: subscription.id,
  product: { ...product, cmpProductId: subscription.products[0]!.id },
  seats,
  when: 'now',
});
const orderAndSettle = async (spec: OrderSpec) => lifecycle.until(await lifecycle.order(spec), 'settled');
const strike = (kind: string, more: object = {}) =>
  lifecycle.simulator.control.fault({
    kind,
    match: { method: 'POST', path: '^/orders$' },
    times: 1,
    ...more,
  } as never);

it('buys, increases, decreases inside the window and cancels, each followed to settled', async () => {
  const created = await orderAndSettle(purchase());
  const subscription = await atCmp(created.cmpSubscriptionId);
  expect(subscription).toMatchObject({ status: 'active', products: [{ quantity: 3 }] });

  await orderAndSettle(change(subscription, 8));
  await orderAndSettle(change(subscription, 5));
  expect((await atCmp(subscription.id)).products[0]!.quantity).toBe(5);
  await orderAndSettle({
    kind: 'renewal-setting',
    cmpAccountId,
    cmpSubscriptionId: subscription.id,
    autoRenew: false,
  });
  expect((await atCmp(subscription.id)).renewalStatus).toBe(false);
  await orderAndSettle({ kind: 'cancel', cmpAccountId, cmpSubscriptionId: subscription.id });
  expect((await atCmp(subscription.id)).status).toBe('terminated');
});

it.each([
  ['answer-lost', {}],
  ['cut', {}],
  ['error-after-accepting', { message: 'Internal server error' }],
  ['error-after-accepting', { message: 'Something about the account went wrong.' }],
  ['error-after-accepting', { message: 'The credit limit of the account is exceeded.' }],
  ['error-after-accepting', { message: 'Quantity is not allowed: the window of 168 hours has expired.' }],
  ['error-after-accepting', { message: 'Cannot Upgrade/Downgrade Resources: the account is on hold.' }],
  ['html-504', { accepted: true }],
  ['html-504', { accepted: false }],
  ['late-accept', { seconds: 1 }],
  ['empty-200', {}],
  ['error-body-200', {}],
  ['html-200', {}],
])('a purchase struck by %s %j is at CMP once, and settles', async (kind, more) => {
  await strike(kind, more);
  const settled = await orderAndSettle(purchase());
  expect(await ledgerOf(settled.marker)).toHaveLength(1);
});

it('an order that was sent twice is found although it is the first one that CMP took', async () => {
  const spec = purchase() as CreateSpec;
  const id = await lifecycle.order(spec);
  const { marker } = await lifecycle.read(id);
  const firstSentAt = Date.now();
  await lifecycle.cmp.orders.place(orderRequest(spec, marker));
  // No response came; a quarter of an hour later it was sent once more, and that one was lost on its way.
  const sent = { status: 'unknown', attempts: 2, firstSentAt, lastSentAt: firstSentAt + 900_000 };
  await lifecycle.pool.query(
    `update orders set status = 'unknown', record = (record::jsonb || $2::jsonb)::json where id = $1`,
    [id, JSON.stringify(sent)],
  );
  await lifecycle.until(id, 'settled');
  expect(await ledgerOf(marker)).toHaveLength(1);
});

it('says placed and settled once, however the answer went', async () => {
  await strike('answer-lost');
  const { id } = await orderAndSettle(purchase());
  const said = (await lifecycle.said()).filter(({ data }) => data.orderId === id);
  expect(said.map(({ subject }) => subject)).toEqual([
    'subscription-lifecycle.order-placed.v1',
    'subscription-lifecycle.order-settled.v1',
  ]);
});

it('never calls settled what CMP completed without effect, and raises it', async () => {
  const created = await orderAndSettle(purchase());
  await strike('completed-not-effective');
  const id = await lifecycle.order(change(await atCmp(created.cmpSubscriptionId), 9));
  const raised = await lifecycle.until(id, 'settled', 'completed-not-effective');
  expect(raised).toMatchObject({ status: 'completed-not-effective', reason: { code: 'no-effect' } });
});

it('five equal purchases at once are five orders at CMP, one after the other', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, () => lifecycle.order(purchase(2))));
  const orders = [];
  for (const id of ids) orders.push(await lifecycle.until(id, 'settled'));
  for (const { marker } of orders) expect(await ledgerOf(marker)).toHaveLength(1);
  expect(new Set(orders.map(({ cmpSubscriptionId }) => cmpSubscriptionId)).size).toBe(5);
});

it('is refused with CMP’s words when CMP refuses the parameters, and nothing is placed', async () => {
  const spec = { ...purchase(), parameters: [{ name: 'microsoft_domain', value: 'no domain' }] } as OrderSpec;
  const refused = await lifecycle.until(await lifecycle.order(spec), 'refused');
  expect(refused.reason!.detail).toContain('microsoft_domain');
  expect(await ledgerOf(refused.marker)).toEqual([]);
});

describe('when CMP answers in unusual forms', () => {
  const odd = (resource: 'orders' | 'subscriptions', how: string, id = '*') =>
    lifecycle.simulator.control.breakRecord({ resource, id, how } as never);
  afterEach(async () => {
    await lifecycle.simulator.control.mendRecords();
    await lifecycle.simulator.control.quirks({
      deadTokenStatus: 401,
      callsPerToken: null,
      newTokenEndsOthers: false,
    });
  });

  it.each(['amount-exponent', 'amount-comma', 'currency-old', 'nul-in-name'])(
    'an order with %s is accepted at once with its id, followed and settled',
    async (how) => {
      await odd('orders', how);
      const settled = await orderAndSettle(purchase());
      expect(settled.attempts).toBe(1);
      const [placed, ...more] = await ledgerOf(settled.marker);
      expect(more).toEqual([]);
      expect(settled).toMatchObject({ cmpOrderId: placed!.orderId, absentLooks: 0 });
    },
  );

  it('an order of whose answer nothing but the id can be read is accepted, and settles when it can be read', async () => {
    await odd('orders', 'year-zero');
    await odd('orders', 'quantity-fraction');
    const settled = await orderAndSettle(purchase());
    expect(settled.attempts).toBe(1);
    expect(await ledgerOf(settled.marker)).toHaveLength(1);
  });

  it('an order whose answer was lost is found although no sum of any order can be read', async () => {
    await strike('answer-lost');
    await odd('orders', 'amount-comma');
    const settled = await orderAndSettle(purchase());
    expect(settled.attempts).toBe(1);
    expect(await ledgerOf(settled.marker)).toHaveLength(1);
  });

  it('an order whose answer was lost is not sent again while one that cannot be read may be it', async () => {
    await strike('answer-lost');
    await odd('orders', 'year-zero');
    const id = await lifecycle.order(purchase());
    // Long enough to conclude, for whoever took it for absent.
    await expect(lifecycle.until(id, 'settled')).rejects.toThrow('is unknown');
    const unclear = await lifecycle.read(id);
    expect(unclear.reason!.code).toBe('order-unreadable');
    expect(unclear).toMatchObject({ status: 'unknown', attempts: 1, absentLooks: 0 });
    expect(unclear.reason!.detail).toContain('creationDate');
    await lifecycle.simulator.control.mendRecords();
    expect(await lifecycle.until(id, 'settled')).toMatchObject({ attempts: 1 });
    expect(await ledgerOf(unclear.marker)).toHaveLength(1);
  });

  it('an order of somebody else that cannot be read keeps nobody waiting for its own', async () => {
    const settled = await orderAndSettle(purchase());
    await odd('orders', 'year-zero', settled.cmpOrderId!);
    await strike('html-504', { accepted: false });
    const { attempts, marker } = await orderAndSettle(purchase());
    expect(attempts).toBe(2);
    expect(await ledgerOf(marker)).toHaveLength(1);
  });

  it('prices that cannot be read keep no change of seats and no renewal setting from being proved', async () => {
    const created = await orderAndSettle(purchase());
    await odd('subscriptions', 'amount-comma');
    const subscription = await atCmp(created.cmpSubscriptionId);
    await orderAndSettle(change(subscription, 7));
    await orderAndSettle({
      kind: 'renewal-setting',
      cmpAccountId,
      cmpSubscriptionId: subscription.id,
      autoRenew: false,
    });
    expect(await atCmp(subscription.id)).toMatchObject({ renewalStatus: false, products: [{ quantity: 7 }] });
  });

  it.each([401, 403] as const)(
    'sessions that end after a few calls, told by %d, cost nothing but new tokens: each order is placed once',
    async (deadTokenStatus) => {
      await lifecycle.simulator.control.quirks({
        deadTokenStatus,
        callsPerToken: 3,
        newTokenEndsOthers: true,
      });
      for (let n = 0; n < 4; n++) {
        const settled = await orderAndSettle(purchase());
        expect(await ledgerOf(settled.marker)).toHaveLength(1);
      }
    },
  );

  it('a purchase refused by 403 for a dead token is sent again by the protocol, once', async () => {
    await strike('token-revoked', { status: 403, message: 'Forbidden' });
    const settled = await orderAndSettle(purchase());
    expect(await ledgerOf(settled.marker)).toHaveLength(1);
  });
});

it.each([
  'Cannot cancel Subscription #5: the cancellation window of 168 hours has expired.',
  'The number of licences exceeds what this offer allows.',
])('is refused in CMP’s words (%s) once CMP was seen not to have it', async (message) => {
  await strike('error', { message });
  const id = await lifecycle.order(purchase());
  const refused = await lifecycle.until(id, 'refused', 'settled');
  expect(await lifecycle.statuses(id)).toContain('unknown');
  expect(refused).toMatchObject({ status: 'refused', attempts: 1, reason: { code: 'refused-by-cmp' } });
  expect(refused.reason!.detail).toContain(message);
  expect(await ledgerOf(refused.marker)).toEqual([]);
});

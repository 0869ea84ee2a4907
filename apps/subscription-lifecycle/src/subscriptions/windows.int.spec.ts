import { randomUUID } from 'node:crypto';
import { type Json, type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { daysAgo, mirrored } from '../../test/mirror.fixture.ts';

let lifecycle: Lifecycle;
let mirror: ReturnType<typeof mirrored>;
beforeAll(async () => {
  lifecycle = await runLifecycle();
  mirror = mirrored(lifecycle);
});
afterAll(() => lifecycle.stop());

const year = { type: 'year', duration: 1 };
const month = { type: 'month', duration: 1 };
const subscription = async (id: string): Promise<Json> =>
  (await lifecycle.call('GET', `/v1/subscriptions/${id}`)).body;
const options = async (id: string): Promise<Json> =>
  (await lifecycle.call('GET', `/v1/subscriptions/${id}/options`)).body;
const history = async (id: string): Promise<Json[]> =>
  (await lifecycle.call('GET', `/v1/subscriptions/${id}/history`)).body.data;
const place = (body: object) =>
  lifecycle.call('POST', '/v1/orders', body, { 'idempotency-key': randomUUID() });
const dayOf = (time: string) => time.slice(0, 10);
/** Seats that can still be returned: 168 hours from the minute in which they were added. */
const lot = (seats: number, addedAt: string) => ({
  seats,
  addedAt,
  reducibleUntil: new Date(Date.parse(`${addedAt.slice(0, 16)}Z`) + 168 * 3_600_000).toISOString(),
});
/** A moment of some days ago, at a minute of its own. */
const minuteOf = (days: number) => `${dayOf(daysAgo(days))}T21:22:37.000Z`;

describe('a renewal date that moves although nothing renewed', () => {
  it.each<[string, object]>([
    ['a day later', { renewalDate: daysAgo(-266), term: year }],
    ['to three years by an upgrade', { renewalDate: daysAgo(-1095), term: { type: 'year', duration: 3 } }],
    ['far ahead without auto-renew', { renewalDate: '9999-12-31', autoRenew: false, term: year }],
    ['back into last week', { renewalDate: daysAgo(5), term: year }],
    [
      'with a creation date of yesterday',
      { renewalDate: daysAgo(-364), creationDate: daysAgo(1), term: year },
    ],
  ])('%s: windows stay closed, nothing is ordered, and the history says why', async (_, more) => {
    const id = await mirror.subscription({ term: year });
    await mirror.subscriptionChanged(id, 2, { ...more, asOf: daysAgo(2) });
    await mirror.subscriptionChanged(id, 3, { term: year, asOf: daysAgo(0) });
    expect(await options(id)).toMatchObject({
      cancel: { allowed: false, code: 'cancellation-window-closed' },
      decrease: { allowed: false, seats: 0 },
    });
    for (const order of [{ kind: 'cancel' }, { kind: 'change-quantity', seats: 3 }])
      expect((await place({ ...order, subscriptionId: id })).status).toBe(422);
    const notes = (await history(id)).flatMap(({ changes }) => changes.map(({ note }: Json) => note ?? ''));
    expect(notes.join(' ')).toMatch(/No term began: .* has not been reached, and no renewal order is known/);
  });
});

describe('an order that somebody placed in the portal', () => {
  it('opens the window of the purchase from its minute on, whether it or the subscription is known first', async () => {
    const createdAt = minuteOf(3);
    const bought = { creationDate: dayOf(createdAt), asOf: daysAgo(1) };
    const [first, second] = [randomUUID(), randomUUID()];
    await mirror.order(first, createdAt, { type: 'sales' });
    await mirror.subscription(bought, first);
    await mirror.subscription(bought, second);
    expect((await subscription(second)).seatLots).toEqual([lot(10, `${dayOf(createdAt)}T00:00:00.000Z`)]);
    await mirror.order(second, createdAt, { type: 'sales' });
    for (const id of [first, second]) {
      expect((await subscription(id)).seatLots).toEqual([lot(10, createdAt)]);
      const until = `${dayOf(daysAgo(3 - 7))}T21:22:00.000Z`;
      expect((await options(id)).cancel).toMatchObject({ allowed: true, until });
    }
    const [correction] = await history(second);
    expect(correction.changes).toMatchObject([
      {
        fact: 'termStartedAt',
        to: createdAt,
        note: expect.stringMatching(/Order CH.* \(sales\) was placed then/),
      },
      { fact: 'seatLots' },
    ]);
    const said = (await lifecycle.said()).filter(({ data }) => data.subscriptionId === second);
    expect(said.at(-1).data).toMatchObject({ changed: ['termStartedAt', 'seatLots'], source: 'cmp' });
  });

  it('opens the window of the seats that it added, once its lines are known, and never of others', async () => {
    const id = await mirror.subscription();
    await mirror.subscriptionChanged(id, 2, { seats: 16, asOf: daysAgo(1) });
    expect((await options(id)).decrease).toMatchObject({ allowed: false, seats: 0 });
    const cmpOrderId = randomUUID();
    await mirror.order(id, minuteOf(2), { cmpOrderId, lines: undefined, cmpSubscriptionId: undefined });
    expect((await options(id)).decrease.seats).toBe(0);
    await mirror.order(id, minuteOf(2), { cmpOrderId, seats: 4, version: 2 });
    // A list is read again, which has neither.
    await mirror.order(id, minuteOf(2), {
      cmpOrderId,
      lines: undefined,
      cmpSubscriptionId: undefined,
      version: 3,
    });
    expect((await subscription(id)).seatLots.at(-1)).toEqual(lot(4, minuteOf(2)));
    expect((await options(id)).decrease).toMatchObject({
      seats: 4,
      until: `${dayOf(daysAgo(2 - 7))}T21:22:00.000Z`,
    });
  });

  it.each<[string, object]>([
    ['failed', { seats: 6, status: 'error' }],
    ['is open', { seats: 6, status: 'processing' }],
    ['is an upgrade', { seats: 6, upgrade: true }],
    ['is a migration', { seats: 6, type: 'migration' }],
    ['waits for the renewal', { seats: 16, scheduledOn: 'renewal' }],
    ['is of the future', { seats: 6, createdAt: daysAgo(-1) }],
    ['has no time that is one', { seats: 6, createdAt: '0000-01-01T00:00:00Z' }],
    ['takes seats away', { seats: -6 }],
    ['is about another subscription', { lines: [{ mpn: 'X', quantity: 6, cmpSubscriptionId: 'other' }] }],
    ['has half a seat', { seats: 6.5 }],
  ])('opens nothing when it %s', async (_, more) => {
    const id = await mirror.subscription();
    await mirror.order(id, minuteOf(2), more);
    await mirror.subscriptionChanged(id, 2, { seats: 16, asOf: daysAgo(1) });
    expect((await options(id)).decrease).toMatchObject({ allowed: false, seats: 0 });
  });

  it('of another tenant explains nothing', async () => {
    const id = await mirror.subscription();
    const stranger = mirrored({ ...lifecycle, tenantId: randomUUID() });
    await stranger.order(id, minuteOf(2), { seats: 6 });
    await mirror.subscriptionChanged(id, 2, { seats: 16, asOf: daysAgo(1) });
    expect((await options(id)).decrease.seats).toBe(0);
  });

  it('that renews begins a term at its minute', async () => {
    const id = await mirror.subscription({ term: year });
    await mirror.order(id, minuteOf(2), { type: 'renewal' });
    await mirror.subscriptionChanged(id, 2, { term: year, renewalDate: daysAgo(-630), asOf: daysAgo(1) });
    expect((await subscription(id)).seatLots).toEqual([lot(10, minuteOf(2))]);
    expect((await options(id)).cancel.allowed).toBe(true);
  });

  it('and the subscription, made known at the same time, do not miss each other', async () => {
    const createdAt = minuteOf(3);
    const ids = Array.from({ length: 8 }, () => randomUUID());
    await Promise.all(
      ids.flatMap((id) => [
        mirror.order(id, createdAt, { type: 'sales' }),
        mirror.subscription({ creationDate: dayOf(createdAt), asOf: daysAgo(1) }, id),
      ]),
    );
    for (const id of ids) expect((await subscription(id)).seatLots).toEqual([lot(10, createdAt)]);
  });
});

it('an unrenewed year that runs on by the month can be cancelled and decreased any day', async () => {
  const off = { autoRenew: false, term: year, renewalDate: daysAgo(30) };
  const id = await mirror.subscription({ ...off, asOf: daysAgo(40) });
  await mirror.subscriptionChanged(id, 2, {
    ...off,
    term: month,
    renewalDate: daysAgo(0),
    asOf: daysAgo(29),
  });
  await mirror.subscriptionChanged(id, 3, {
    ...off,
    term: month,
    renewalDate: daysAgo(-30),
    asOf: daysAgo(0),
  });
  expect(await options(id)).toMatchObject({
    cancel: { allowed: true, until: null },
    decrease: { allowed: true, seats: 9, until: null },
    renewalSetting: { detail: expect.stringMatching(/continues month by month/) },
  });
  expect((await place({ kind: 'change-quantity', subscriptionId: id, seats: 4 })).status).toBe(202);
});

describe('an order of ours', () => {
  it('opens the window of the purchase from when it was sent, until CMP tells the minute', async () => {
    const { cmp, simulator } = lifecycle;
    const { records } = await cmp.customers.page({ limit: 1 });
    const cmpAccountId = records.flatMap((record) => (record.ok ? [record.value.id] : []))[0]!;
    const held = await simulator.control.buySubscription({ customerId: cmpAccountId, quantity: 5 });
    const [line] = held.products!;
    const product = { vendor: line!.vendor!, mpn: line!.mpn!, cmpProductId: line!.id! };
    const of = { billingPeriod: held.billingPeriod as never, term: held.subscriptionPeriod as never };
    const domain = [{ name: 'microsoft_domain', value: 'windows.onmicrosoft.com' }];
    const order = await lifecycle.order({
      kind: 'create',
      cmpAccountId,
      product: { ...product, ...of },
      seats: 5,
      parameters: domain,
    });
    const { cmpSubscriptionId, firstSentAt, cmpOrderId } = await lifecycle.until(order, 'settled');
    const event = { cmpSubscriptionId: cmpSubscriptionId!, seats: 5, mpn: product.mpn };
    const id = await mirror.subscription({ ...event, creationDate: daysAgo(0), asOf: daysAgo(0) });
    const [bought] = (await subscription(id)).seatLots;
    expect(bought).toEqual(lot(5, new Date(firstSentAt!).toISOString()));
    const { creationDate } = await cmp.orders.get(cmpOrderId!);
    await mirror.order(id, creationDate, {
      cmpOrderId: cmpOrderId!,
      cmpSubscriptionId: cmpSubscriptionId!,
      type: 'sales',
    });
    expect((await subscription(id)).seatLots[0].addedAt).toBe(new Date(creationDate).toISOString());
  });
});

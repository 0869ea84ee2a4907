import { randomUUID } from 'node:crypto';
import { type Json, type Lifecycle, runLifecycle } from '../../../test/lifecycle.fixture.ts';
import { daysAgo, mirrored, nce } from '../../../test/mirror.fixture.ts';

let lifecycle: Lifecycle;
let cmp: ReturnType<typeof mirrored>;
const month = { type: 'month', duration: 1 } as const;
const year = { type: 'year', duration: 1 } as const;
const day = (ahead: number) => daysAgo(-ahead).slice(0, 10);
const line = (quantity: number, amount?: string, currency = 'USD', mpn = nce) => ({
  ...{ mpn, vendor: 'MICROSOFT', productId: `P ${mpn}`, name: 'Basic', quantity },
  ...(amount && { unitPrice: { amount, currency } }),
});
/** Ten seats at 4.10 a month, for a year, that renew in twenty days. */
const renewing = { term: year, billingPeriod: month, renewalDate: day(20), lines: [line(10, '4.10')] };

beforeAll(async () => {
  lifecycle = await runLifecycle();
  cmp = mirrored(lifecycle);
});
beforeEach(() => lifecycle.pool.query('truncate subscriptions, orders cascade'));
afterAll(() => lifecycle.stop());

const get = (query = '', as = {}) => lifecycle.call('GET', `/v1/renewals${query}`, undefined, {}, as);
const rows = async (query = ''): Promise<Json[]> => (await get(query)).body.data;
const one = async (id: string): Promise<Json> =>
  (await rows()).find(({ subscriptionId }) => subscriptionId === id);
const schedule = async (body: object) => {
  const made = await lifecycle.call('POST', '/v1/scheduled-changes', body, {
    'idempotency-key': randomUUID(),
  });
  expect([made.status, made.body]).toEqual([201, expect.anything()]);
  return made.body.id as string;
};

describe('what renews', () => {
  it('costs what the whole next term costs at the present prices, if nobody does anything', async () => {
    const providerAccountId = await cmp.account('71', 'T71', 'Fabrikam');
    const id = await cmp.subscription({ ...renewing, cmpAccountId: '71' });
    expect(await rows()).toEqual([
      {
        ...{ subscriptionId: id, connectorId: lifecycle.connectorId, providerAccountId, cmpAccountId: '71' },
        ...{
          name: 'Basic',
          accountName: 'Fabrikam',
          renewalDate: day(20),
          autoRenew: true,
          outcome: 'renews',
        },
        ...{ seats: 10, seatsAtRenewal: 10, term: 'P1Y', billingPeriod: 'P1M' },
        ...{ costOfDoingNothing: { amount: '492.00', currency: 'USD' }, noCostReason: null },
        ...{ scheduledChangeId: null, scheduledChangeCounted: null, openOrderId: null },
      },
    ]);
  });

  it.each<[string, object, string]>([
    ['without a price', { lines: [line(10)] }, 'price-not-known'],
    [
      'with a price of only some lines',
      { lines: [line(10, '1.00'), line(1, undefined, 'USD', 'CFQ7TTC0LH17:0001')] },
      'price-not-known',
    ],
    [
      'with prices in several currencies',
      { lines: [line(1, '1.00'), line(1, '1.00', 'EUR', 'CFQ7TTC0LH17:0001')] },
      'prices-not-comparable',
    ],
    ['without a term', { term: undefined }, 'term-not-known'],
    [
      'of a term that is no whole number of billing periods',
      { term: month, billingPeriod: year },
      'term-not-known',
    ],
    ['whose lines were not read', { lines: [] }, 'lines-not-known'],
  ])('has no cost, but the reason, %s', async (_, more, code) => {
    const id = await cmp.subscription({ ...renewing, ...more });
    expect(await one(id)).toMatchObject({
      outcome: 'renews',
      costOfDoingNothing: null,
      noCostReason: { code, detail: expect.any(String), nextStep: expect.any(String) },
    });
  });

  it('each in its own currency', async () => {
    await cmp.subscription(renewing);
    await cmp.subscription({ ...renewing, renewalDate: day(21), lines: [line(2, '3.00', 'EUR')] });
    expect((await rows()).map(({ costOfDoingNothing }) => costOfDoingNothing)).toEqual([
      { amount: '492.00', currency: 'USD' },
      { amount: '72.00', currency: 'EUR' },
    ]);
  });

  it('costs nothing when auto-renew is off: it ends, on the day that is plausible', async () => {
    const id = await cmp.subscription({
      ...{ ...renewing, autoRenew: false, renewalDate: '9999-12-31', expirationDate: day(5) },
    });
    expect(await one(id)).toMatchObject({
      ...{ outcome: 'ends', renewalDate: day(5), seatsAtRenewal: 0, costOfDoingNothing: null },
      noCostReason: { code: 'ends' },
    });
  });
});

describe('a change that is scheduled', () => {
  it('for the renewal is part of the cost', async () => {
    const id = await cmp.subscription(renewing);
    const scheduledChangeId = await schedule({
      ...{ kind: 'change-quantity', subscriptionId: id, seats: 4, at: 'renewal' },
    });
    expect(await one(id)).toMatchObject({
      ...{ seats: 10, seatsAtRenewal: 4, costOfDoingNothing: { amount: '196.80', currency: 'USD' } },
      ...{ scheduledChangeId, scheduledChangeCounted: true },
    });
  });

  it('and has become an order that CMP holds counts as well, unless it is being withdrawn', async () => {
    const id = await cmp.subscription(renewing);
    const order = await lifecycle.call(
      'POST',
      '/v1/orders',
      { kind: 'change-quantity', subscriptionId: id, seats: 3, when: 'renewal' },
      { 'idempotency-key': randomUUID() },
    );
    expect(order.status).toBe(202);
    expect(await one(id)).toMatchObject({ seatsAtRenewal: 3, costOfDoingNothing: { amount: '147.60' } });
    await lifecycle.pool.query(`update orders set status = 'scheduled'`);
    expect(await one(id)).toMatchObject({ seatsAtRenewal: 3, openOrderId: null });
    await lifecycle.pool.query(
      `update orders set record = jsonb_set(record::jsonb, '{withdrawRequested}', 'true')::json`,
    );
    expect(await one(id)).toMatchObject({ seatsAtRenewal: 10 });
  });

  it('but only proposed is named, and does not count', async () => {
    const id = await cmp.subscription(renewing);
    const scheduledChangeId = await schedule({
      ...{ kind: 'change-quantity', subscriptionId: id, seats: 4, at: 'renewal' },
    });
    await lifecycle.pool.query(`update scheduled_changes set status = 'proposed', next_try_at = null`);
    expect(await one(id)).toMatchObject({
      ...{ seatsAtRenewal: 10, costOfDoingNothing: { amount: '492.00' } },
      ...{ scheduledChangeId, scheduledChangeCounted: false },
    });
  });

  it.each<[string, object, string]>([
    ['cancels it at the renewal', { kind: 'cancel', at: 'renewal' }, 'ends'],
    [
      'switches auto-renew off before',
      { kind: 'renewal-setting', autoRenew: false, at: daysAgo(-10) },
      'ends',
    ],
    ['comes after the renewal', { kind: 'renewal-setting', autoRenew: false, at: daysAgo(-25) }, 'renews'],
  ])('and %s decides whether it ends', async (_, change, outcome) => {
    const id = await cmp.subscription(renewing);
    await schedule({ subscriptionId: id, ...change });
    expect(await one(id)).toMatchObject({ outcome, autoRenew: true });
  });

  it('is not taken for a change of another line', async () => {
    const lines = [line(10, '1.00'), line(5, '2.00', 'USD', 'CFQ7TTC0LH17:0001')];
    const id = await cmp.subscription({ ...renewing, lines });
    await schedule({
      ...{ kind: 'change-quantity', subscriptionId: id, seats: 1, mpn: 'CFQ7TTC0LH17:0001', at: 'renewal' },
    });
    expect(await one(id)).toMatchObject({ seatsAtRenewal: 11, costOfDoingNothing: { amount: '144.00' } });
    await lifecycle.pool.query('update scheduled_changes set mpn = null');
    expect(await one(id)).toMatchObject({
      ...{ seatsAtRenewal: null, costOfDoingNothing: null, noCostReason: { code: 'line-not-known' } },
      scheduledChangeCounted: false,
    });
  });
});

describe('the list', () => {
  const names = async (query: string) => (await rows(query)).map(({ name }) => name);

  it('finds by days, connector, account and auto-renew, the next first', async () => {
    const providerAccountId = await cmp.account('72', 'T72');
    await cmp.subscription({ ...renewing, name: 'Later', renewalDate: day(40) });
    await cmp.subscription({ ...renewing, name: 'Soon', renewalDate: day(0), cmpAccountId: '72' });
    await cmp.subscription({ ...renewing, name: 'Off', renewalDate: day(30), autoRenew: false });
    await cmp.subscription({ ...renewing, name: 'Past', renewalDate: day(-2) });
    await cmp.subscription({ ...renewing, name: 'Never', renewalDate: undefined });
    await cmp.subscription({ ...renewing, name: 'Over', status: 'terminated' });
    expect(await names('')).toEqual(['Soon', 'Off', 'Later']);
    expect(await names(`?from=${day(-5)}&to=${day(30)}`)).toEqual(['Past', 'Soon', 'Off']);
    expect(await names('?autoRenew=false')).toEqual(['Off']);
    expect(await names(`?providerAccountId=${providerAccountId}`)).toEqual(['Soon']);
    expect(await names(`?connectorId=${lifecycle.connectorId}`)).toHaveLength(3);
    expect(await names(`?connectorId=${randomUUID()}`)).toEqual([]);
    expect((await get('', { tenant: randomUUID() })).body.data).toEqual([]);
    const paged: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await get(`?limit=1${cursor}`);
      paged.push(...body.data.map(({ name }: Json) => name));
      if (!body.nextCursor) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(paged).toEqual(['Soon', 'Off', 'Later']);
  });

  it.each([
    '?from=tomorrow',
    '?to=2026-02-30',
    `?from=${day(2)}&to=${day(1)}`,
    `?to=${day(-1)}`,
    '?connectorId=1',
    '?providerAccountId=x',
    '?autoRenew=perhaps',
    '?cursor=x',
    '?limit=0',
    '?renewalFrom=2026-01-01',
  ])('refuses %s', async (query) => {
    const { status, headers } = await get(query);
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json']);
  });

  it('is a file, too', async () => {
    await cmp.subscription(renewing);
    const { type, text } = await lifecycle.stream('/v1/renewals', { accept: 'text/csv' });
    expect(type).toBe('text/csv; charset=utf-8');
    const [columns, row] = text.split('\n').map((one) => one.split(','));
    expect(row![columns!.indexOf('costOfDoingNothing.amount')]).toBe('492.00');
    expect(columns).toContain('noCostReason.code');
  });
});

import { randomUUID } from 'node:crypto';
import { type Json, type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { daysAgo, mirrored } from '../../test/mirror.fixture.ts';

let lifecycle: Lifecycle;
let cmp: ReturnType<typeof mirrored>;
const day = (ahead: number) => daysAgo(-ahead).slice(0, 10);
const ids: Record<string, string> = {};
beforeAll(async () => {
  lifecycle = await runLifecycle();
  cmp = mirrored(lifecycle);
  await cmp.accountAppears('1', { name: 'Fabrikam' });
  ids.b = await cmp.subscription({ name: 'Beta', renewalDate: day(10), autoRenew: true });
  ids.a = await cmp.subscription({
    name: 'Alpha',
    renewalDate: day(60),
    autoRenew: false,
    mpn: 'CFQ7TTC0XX:0009',
  });
  ids.c = await cmp.subscription({ name: 'Gamma', renewalDate: day(30), autoRenew: true, cmpAccountId: '2' });
  ids.n = await cmp.subscription({
    name: 'Never',
    renewalDate: undefined,
    autoRenew: true,
    cmpAccountId: '2',
  });
});
afterAll(() => lifecycle.stop());

const list = async (query: string): Promise<string[]> => {
  const { status, body } = await lifecycle.call('GET', `/v1/subscriptions?${query}`);
  return status === 200 ? body.data.map(({ name }: Json) => name) : [`${status}`];
};

it.each<[string, () => string, string[]]>([
  ['renewing from a day on', () => `sort=name&renewalFrom=${day(30)}`, ['Alpha', 'Gamma']],
  ['renewing up to a day', () => `sort=name&renewalTo=${day(30)}`, ['Beta', 'Gamma']],
  ['that renew by themselves', () => 'sort=name&autoRenew=true', ['Beta', 'Gamma', 'Never']],
  ['that do not', () => 'autoRenew=false', ['Alpha']],
  ['by part of the name', () => 'q=gAM', ['Gamma']],
  ["by the customer's name", () => 'sort=name&q=fabri', ['Alpha', 'Beta']],
  ['by an MPN', () => 'q=XX:0009', ['Alpha']],
  ["by CMP's id", () => `q=s${ids.b}`, ['Beta']],
  ['by nothing that a pattern would find', () => 'q=_', []],
  ['sorted by name', () => 'sort=name', ['Alpha', 'Beta', 'Gamma', 'Never']],
  [
    'sorted by renewal, those without one last',
    () => 'sort=renewalDate',
    ['Beta', 'Gamma', 'Alpha', 'Never'],
  ],
])('finds subscriptions %s', async (_, query, expected) => {
  expect(await list(query())).toEqual(expected);
});

it.each(['sort=price', 'renewalFrom=2026-02-30', 'renewalTo=tomorrow', 'autoRenew=yes', 'q='])(
  'refuses %s',
  async (query) => expect(await list(query)).toEqual(['400']),
);

it.each(['name', 'renewalDate', 'id'])(
  'pages through a list that is sorted by %s, each row once',
  async (sort) => {
    const names: string[] = [];
    let cursor = '';
    do {
      const { status, body } = await lifecycle.call('GET', `/v1/subscriptions?sort=${sort}&limit=1${cursor}`);
      expect(status).toBe(200);
      names.push(...body.data.map(({ name }: Json) => name));
      cursor = body.nextCursor && `&cursor=${body.nextCursor}`;
    } while (cursor);
    expect(names.toSorted()).toEqual(['Alpha', 'Beta', 'Gamma', 'Never']);
    if (sort === 'name') expect(names).toEqual(names.toSorted());
    const { body } = await lifecycle.call('GET', `/v1/subscriptions?sort=${sort}&limit=1`);
    const other = sort === 'id' ? 'name' : 'id';
    expect(await list(`sort=${other}&cursor=${body.nextCursor}`)).toEqual(['400']);
  },
);

it('shows seats, what they cost, and what is planned with a subscription', async () => {
  const price = { amount: '4.10', currency: 'USD' };
  const line = { mpn: 'CFQ7TTC0LH16:0001', vendor: 'MICROSOFT', productId: 'P1', name: 'Basic', quantity: 7 };
  const id = await cmp.subscription({
    name: 'Seen',
    lines: [{ ...line, unitPrice: price }],
    term: undefined,
  });
  const show = async () => (await lifecycle.call('GET', `/v1/subscriptions/${id}`)).body;
  expect(await show()).toMatchObject({
    accountName: 'Fabrikam',
    seats: 7,
    periodTotal: { amount: '28.70', currency: 'USD' },
    openOrderId: null,
    scheduledChangeId: null,
  });
  const key = () => ({ 'idempotency-key': randomUUID() });
  const order = { kind: 'change-quantity', subscriptionId: id, seats: 9 };
  const { body: placed } = await lifecycle.call('POST', '/v1/orders', order, key());
  const at = new Date(Date.now() + 86_400_000).toISOString();
  const scheduled = await lifecycle.call('POST', '/v1/scheduled-changes', { ...order, at }, key());
  expect(scheduled.status).toBe(201);
  const plans = { openOrderId: placed.id, scheduledChangeId: scheduled.body.id };
  expect(await show()).toMatchObject(plans);
  const { body } = await lifecycle.call('GET', '/v1/subscriptions?q=Seen');
  expect(body.data).toEqual([expect.objectContaining(plans)]);
});

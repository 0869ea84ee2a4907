import { randomUUID } from 'node:crypto';
import { eventContract, decode } from '@isthmus/contracts';
import { type Json, type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { mirrored } from '../../test/mirror.fixture.ts';

let lifecycle: Lifecycle;
let cmp: ReturnType<typeof mirrored>;
beforeAll(async () => {
  lifecycle = await runLifecycle();
  cmp = mirrored(lifecycle);
});
afterAll(() => lifecycle.stop());

const read = async (id: string) => (await lifecycle.call('GET', `/v1/subscriptions/${id}`)).body;
const history = async (id: string): Promise<Json[]> =>
  (await lifecycle.call('GET', `/v1/subscriptions/${id}/history`)).body.data;
const eventsOf = async (id: string): Promise<{ name: string; data: Json }[]> =>
  (await lifecycle.said())
    .filter(({ data }) => data.subscriptionId === id)
    .map(({ subject, data }) => {
      // As a receiver reads it.
      decode(eventContract(subject)!.type, data);
      return { name: subject.split('.')[1].replace('subscription-', ''), data };
    });
const namesOf = async (id: string) => (await eventsOf(id)).map(({ name }) => name);
const unread = { quantityKnown: false, lines: [] };
const usd = (amount: string) => ({ amount, currency: 'USD' });
const line = (productId: string, quantity: number, more: object = {}) => ({
  ...{ mpn: `M-${productId}`, vendor: 'ACRONIS', productId, name: productId, quantity },
  ...more,
});

describe('a new subscription', () => {
  it('is announced once, when its seats are known', async () => {
    const id = await cmp.subscription(unread);
    expect(await namesOf(id)).toEqual([]);
    await cmp.subscriptionChanged(id, 2, { ...unread, name: 'Renamed' });
    expect(await namesOf(id)).toEqual([]);
    await cmp.subscriptionChanged(id, 3, { name: 'Renamed', seats: 7 });
    expect(await eventsOf(id)).toMatchObject([{ name: 'created', data: { lines: [{ quantity: 7 }] } }]);
    await cmp.subscriptionChanged(id, 4, { name: 'Renamed', seats: 7 });
    expect(await namesOf(id)).toEqual(['created']);
    await cmp.subscriptionChanged(id, 5, { name: 'Renamed', seats: 8 });
    expect(await namesOf(id)).toEqual(['created', 'changed']);
  });

  it('is announced with its contract, name and customer as they are by then', async () => {
    const cmpAccountId = randomUUID().slice(0, 8);
    const providerAccountId = await cmp.accountAppears(cmpAccountId, { name: 'Fabrikam' });
    const id = await cmp.subscription({ ...unread, cmpAccountId, providerAccountId });
    await cmp.link(providerAccountId, `T${cmpAccountId}`);
    const billingContractId = await cmp.contract(`T${cmpAccountId}`, true);
    const { version } = await read(id);
    const named = { friendlyName: 'Kiosk' };
    await lifecycle.call('PATCH', `/v1/subscriptions/${id}`, named, { 'if-match': `"${version}"` });
    expect(await namesOf(id)).toEqual([]);
    await cmp.subscriptionChanged(id, 2, { cmpAccountId, providerAccountId });
    expect(await eventsOf(id)).toMatchObject([
      { name: 'created', data: { ...named, billingContractId, accountName: 'Fabrikam' } },
    ]);
  });

  it('is announced where it belongs by then, not as one that moved there', async () => {
    const id = await cmp.subscription({ ...unread, cmpAccountId: 'a' });
    await cmp.subscriptionChanged(id, 2, { ...unread, cmpAccountId: 'b' });
    await cmp.subscriptionChanged(id, 3, { cmpAccountId: 'b' });
    expect(await eventsOf(id)).toMatchObject([{ name: 'created', data: { cmpAccountId: 'b' } }]);
  });

  it('is announced without seats where they will never be read: it has ended', async () => {
    const ended = await cmp.subscription({ ...unread, status: 'terminated' });
    expect(await namesOf(ended)).toEqual(['created']);
    const soon = await cmp.subscription(unread);
    await cmp.subscriptionEnded(soon, 2);
    expect(await namesOf(soon)).toEqual(['created', 'ended']);
    const none = await cmp.subscription({ lines: [] });
    expect(await namesOf(none)).toEqual(['created']);
  });
});

describe('a change', () => {
  it('is told with the values before and after, the customer and the price', async () => {
    const cmpAccountId = randomUUID().slice(0, 8);
    const account = {
      cmpAccountId,
      providerAccountId: await cmp.account(cmpAccountId, 'T', 'Fabrikam, Inc.'),
    };
    const price = { unitPrice: usd('10.50'), unitCost: usd('9') };
    const id = await cmp.subscription({ ...account, lines: [line('A', 3, price), line('B', 2, price)] });
    await cmp.subscriptionChanged(id, 2, {
      ...account,
      lines: [line('A', 7, price), line('B', 2, price)],
      term: { type: 'year', duration: 1 },
      autoRenew: false,
    });
    const { data } = (await eventsOf(id)).at(-1)!;
    expect(data).toMatchObject({
      accountName: 'Fabrikam, Inc.',
      total: usd('94.50'),
      changed: ['autoRenew', 'term', 'lines'],
      changes: [
        { field: 'autoRenew', from: true, to: false },
        { field: 'term', to: 'P1Y' },
        { field: 'lines', from: [{ quantity: 3 }, { quantity: 2 }], to: [{ quantity: 7, ...price }, {}] },
      ],
    });
    expect(data.changes[1]).not.toHaveProperty('from');
  });

  it('of a price, a name of the customer and an unknown price are told as they are', async () => {
    const id = await cmp.subscription({ lines: [line('A', 3, { unitPrice: usd('1') })] });
    expect((await eventsOf(id))[0]!.data).toMatchObject({ total: usd('3.00') });
    await cmp.subscriptionChanged(id, 2, { lines: [line('A', 3)] });
    expect((await eventsOf(id))[1]!.data.total).toBeUndefined();
    await cmp.subscriptionChanged(id, 3, {
      lines: [
        line('A', 3, { unitPrice: usd('1') }),
        line('B', 1, { unitPrice: { ...usd('1'), currency: 'EUR' } }),
      ],
    });
    expect((await eventsOf(id))[2]!.data.total).toBeUndefined();
  });
});

describe('product lines in another order', () => {
  it.each([
    ['two', [line('A', 30), line('B', 12)]],
    ['three', [line('C', 1), line('A', 30), line('B', 12)]],
    ['two of one product', [line('A', 30), line('A', 12)]],
    ['without ids of CMP', [line('', 30, { mpn: 'X' }), line('', 12, { mpn: 'Y' })]],
    [
      'two of one product, by vendor’s id',
      [line('A', 5, { vendorSubscriptionId: 'g1' }), line('A', 5, { vendorSubscriptionId: 'g2' })],
    ],
  ])('are no change: %s', async (_, lines) => {
    const id = await cmp.subscription({ lines });
    const first = await read(id);
    let version = 1;
    for (const order of [lines.toReversed(), lines, [...lines.slice(1), lines[0]!]])
      await cmp.subscriptionChanged(id, (version += 1), { lines: order });
    const then = await read(id);
    // Lots are by product: of two lines of one product nobody can say which seats are whose.
    const twins = new Set(lines.map(({ productId, mpn }) => productId || mpn)).size < lines.length;
    const ignored = { asOf: null, ...(twins ? { seatLots: null } : {}) };
    expect({ ...then, ...ignored }).toEqual({ ...first, ...ignored });
    expect(await history(id)).toHaveLength(1);
    expect(await namesOf(id)).toEqual(['created']);
  });

  it('show alike however CMP listed them first, and keep their places when others come', async () => {
    const lines = [line('B', 1), line('A', 2), line('D', 3)];
    const shown = async (id: string) => (await read(id)).lines.map(({ productId }: Json) => productId);
    const ids = [await cmp.subscription({ lines }), await cmp.subscription({ lines: lines.toReversed() })];
    expect(await Promise.all(ids.map(shown))).toEqual([
      ['A', 'B', 'D'],
      ['A', 'B', 'D'],
    ]);
    await cmp.subscriptionChanged(ids[0]!, 2, { lines: [line('C', 1), line('D', 3), line('A', 2)] });
    expect(await shown(ids[0]!)).toEqual(['A', 'D', 'C']);
    expect((await eventsOf(ids[0]!)).at(-1)!.data.changes).toMatchObject([{ field: 'lines' }]);
  });

  it('that lose or gain the vendor’s id stay where they are', async () => {
    const id = await cmp.subscription({ lines: [line('A', 1), line('B', 2)] });
    const known = [line('B', 2, { vendorSubscriptionId: 'a' }), line('A', 1, { vendorSubscriptionId: 'b' })];
    await cmp.subscriptionChanged(id, 2, { lines: known });
    expect((await read(id)).lines.map(({ productId }: Json) => productId)).toEqual(['A', 'B']);
  });
});

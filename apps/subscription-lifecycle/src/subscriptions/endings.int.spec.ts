import { randomUUID } from 'node:crypto';
import { type Json, type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { daysAgo, mirrored } from '../../test/mirror.fixture.ts';

let lifecycle: Lifecycle;
let cmp: ReturnType<typeof mirrored>;
beforeAll(async () => {
  lifecycle = await runLifecycle();
  cmp = mirrored(lifecycle);
});
afterAll(() => lifecycle.stop());

const read = async (id: string) => (await lifecycle.call('GET', `/v1/subscriptions/${id}`)).body;
const place = (body: object) =>
  lifecycle.call('POST', '/v1/orders', body, { 'idempotency-key': randomUUID() });
const eventsOf = async (id: string) =>
  (await lifecycle.said())
    .filter(({ data }) => data.subscriptionId === id)
    .map(({ subject, data }) => [subject.split('.')[1], data.status, data.reason]);

describe('a subscription that CMP no longer lists', () => {
  const [status, reason] = ['no-longer-listed', 'no-longer-listed'] as const;

  it('is no longer listed, and neither options nor orders are offered, in these words', async () => {
    const id = await cmp.subscription();
    await cmp.subscriptionEnded(id, 2, { status, reason });
    expect(await read(id)).toMatchObject({ status: 'no-longer-listed' });
    expect(await eventsOf(id)).toEqual([
      ['subscription-created', 'active', undefined],
      ['subscription-ended', 'no-longer-listed', reason],
    ]);
    const { body: options } = await lifecycle.call('GET', `/v1/subscriptions/${id}/options`);
    for (const option of Object.values(options))
      expect(option).toMatchObject({ allowed: false, detail: 'CMP no longer lists the subscription.' });
    for (const order of [
      { kind: 'cancel' },
      { kind: 'change-quantity', seats: 12 },
      { kind: 'change-quantity', seats: 8, when: 'renewal' },
      { kind: 'renewal-setting', autoRenew: false },
    ])
      expect(await place({ ...order, subscriptionId: id })).toMatchObject({
        status: 422,
        body: {
          type: 'urn:isthmus:problem:order.subscription-not-active',
          detail: 'CMP no longer lists the subscription.',
        },
      });
    const { body: history } = await lifecycle.call('GET', `/v1/subscriptions/${id}/history`);
    expect(history.data[0].changes[0]).toEqual({ fact: 'status', from: 'active', to: 'no-longer-listed' });
  });

  it('is live again when CMP lists it again, with its contract, history and names', async () => {
    const id = await cmp.subscription();
    const named = { friendlyName: 'Kiosk' };
    await lifecycle.call('PATCH', `/v1/subscriptions/${id}`, named, { 'if-match': '"1"' });
    await cmp.subscriptionEnded(id, 2, { status, reason });
    // Account-sync tells a record that is back as one that has appeared.
    await cmp.subscription({ seats: 11 }, id, 3);
    expect(await read(id)).toMatchObject({ ...named, status: 'active', lines: [{ quantity: 11 }] });
    expect((await eventsOf(id)).map(([name]) => name)).toEqual([
      'subscription-created',
      'subscription-changed',
      'subscription-ended',
      'subscription-changed',
    ]);
    expect((await place({ kind: 'change-quantity', seats: 12, subscriptionId: id })).status).toBe(202);
  });

  it('says since when it has ended, and has no open window any more', async () => {
    // Bought a moment ago: every seat could be returned.
    const id = await cmp.subscription({ creationDate: daysAgo(0), asOf: daysAgo(0) });
    await cmp.order(id, daysAgo(0), { type: 'sales' });
    const open = ({ seatLots }: Json) => seatLots.filter((lot: Json) => lot.reducibleUntil !== null).length;
    const before = await read(id);
    expect(before).toMatchObject({ status: 'active', endedAt: null });
    expect(open(before)).toBeGreaterThan(0);
    const asOf = new Date(Date.now() + 60_000).toISOString();
    await cmp.subscriptionEnded(id, 2, { asOf });
    const after = await read(id);
    expect(after).toMatchObject({ status: 'terminated', endedAt: asOf });
    expect(open(after)).toBe(0);
  });

  it('ends once, and stays terminated where CMP had ended it', async () => {
    const id = await cmp.subscription();
    await cmp.subscriptionEnded(id, 2);
    const { version } = await read(id);
    await cmp.subscriptionEnded(id, 3, { status: 'terminated', reason });
    expect(await read(id)).toMatchObject({ status: 'terminated', version });
    expect(await eventsOf(id)).toHaveLength(2);
  });
});

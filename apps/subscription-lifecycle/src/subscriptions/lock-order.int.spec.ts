import { randomUUID } from 'node:crypto';
import { type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { daysAgo, mirrored, nce } from '../../test/mirror.fixture.ts';
import type { OrderStatus } from '../orders/order-lifecycle.ts';
import type { OrderRecord } from '../orders/order.ts';
import { transition } from '../orders/order.ts';
import { LeaseLost } from '../orders/protocol/ordering.ts';

let lifecycle: Lifecycle;
let cmp: ReturnType<typeof mirrored>;
beforeAll(async () => {
  lifecycle = await runLifecycle();
  cmp = mirrored(lifecycle);
});
afterAll(() => lifecycle.stop());

/** An order about a subscription, as far as given; the next is later in its queue. */
async function orderOf(id: string, status: OrderStatus, more: Partial<OrderRecord> = {}, when = 'now') {
  const orderId = await lifecycle.order({
    kind: 'change-quantity',
    cmpAccountId: '1',
    cmpSubscriptionId: `s${id}`,
    product: { vendor: 'MICROSOFT', mpn: nce, cmpProductId: 'P1' },
    seats: 12,
    when,
  } as never);
  const record = { ...(await lifecycle.read(orderId)), status, attempts: 1, ...more };
  await lifecycle.pool.query(
    `update orders set subscription_id = $2, status = $3, record = $4, next_step_at = now() + interval '1 hour' where id = $1`,
    [orderId, id, status, JSON.stringify(record)],
  );
  return orderId;
}
/** What a worker does when it finds the order proved. */
async function settle(orderId: string) {
  const order = await lifecycle.read(orderId);
  const { tenantId, connectorId } = lifecycle;
  const { fence, version } = (
    await lifecycle.pool.query('select fence, version from orders where id = $1', [orderId])
  ).rows[0];
  const held = { tenantId, connectorId, order, fence, version, longestSeen: 0, lots: null };
  try {
    await lifecycle.store.save(held, transition(order, 'settle', Date.now()));
  } catch (error) {
    // The other was first.
    if (!(error instanceof LeaseLost)) throw error;
  }
}
const transfer = (id: string) => cmp.subscriptionChanged(id, 2, { cmpAccountId: '2', asOf: daysAgo(0) });
const deadlocks = async () => {
  const text = 'select deadlocks::int as n from pg_stat_database where datname = current_database()';
  return (await lifecycle.pool.query<{ n: number }>(text)).rows[0]!.n;
};
/** Does both at once, many times; whichever is first, none of them may wait for the other in a circle. */
async function bothManyTimes(prepare: () => Promise<(() => Promise<unknown>)[]>, times = 40, atOnce = 4) {
  const before = await deadlocks();
  for (let n = 0; n < times; n += atOnce) {
    const pairs = await Promise.all(Array.from({ length: atOnce }, prepare));
    await Promise.all(pairs.flat().map((act) => act()));
  }
  // PostgreSQL counts them a moment later.
  await new Promise((later) => setTimeout(later, 1_500));
  expect(await deadlocks()).toBe(before);
}
const okay = async (call: ReturnType<Lifecycle['call']>) => expect((await call).status).toBeLessThan(500);

describe('a subscription that is transferred', () => {
  it('while an order of it settles', async () => {
    await bothManyTimes(async () => {
      const id = await cmp.subscription();
      const order = await orderOf(id, 'proving');
      return [() => transfer(id), () => settle(order)];
    });
  });

  it('while CMP tells that it has completed an order of it', async () => {
    await bothManyTimes(async () => {
      const id = await cmp.subscription();
      const cmpOrderId = randomUUID();
      await orderOf(id, 'accepted', { cmpOrderId });
      return [() => transfer(id), () => cmp.order(id, daysAgo(1), { seats: 2, cmpOrderId })];
    });
  });

  it('while a person decides about an order of it', async () => {
    await bothManyTimes(async () => {
      const id = await cmp.subscription();
      const order = await orderOf(id, 'needs-attention');
      const body = { outcome: 'settled', reason: 'Seen in the control panel.' };
      return [
        () => transfer(id),
        () => okay(lifecycle.call('POST', `/v1/orders/${order}/resolve`, body, {}, { roles: ['operator'] })),
      ];
    });
  });

  it('while a person edits a scheduled change of it', async () => {
    await bothManyTimes(async () => {
      const id = await cmp.subscription();
      const body = { subscriptionId: id, kind: 'change-quantity', seats: 12, at: 'renewal' };
      const { body: change } = await lifecycle.call('POST', '/v1/scheduled-changes', body, {
        'idempotency-key': randomUUID(),
      });
      const edit = { seats: 13 };
      const headers = { 'if-match': '"1"' };
      return [
        () => transfer(id),
        () => okay(lifecycle.call('PATCH', `/v1/scheduled-changes/${change.id}`, edit, headers)),
      ];
    });
  });
});

it('an order that settles and drops what was scheduled, while its connector is removed', async () => {
  let version = 1;
  await bothManyTimes(
    async () => {
      await cmp.connector('created', ++version);
      const id = await cmp.subscription();
      await orderOf(id, 'scheduled', { cmpOrderId: randomUUID() }, 'renewal');
      const order = await orderOf(id, 'proving');
      const removal = ++version;
      return [() => cmp.connector('removed', removal), () => settle(order)];
    },
    40,
    1,
  );
});

import { randomUUID } from 'node:crypto';
import type { CmpSubscriptionDetail } from '@isthmus/cmp-client';
import { systemClock } from '@isthmus/domain';
import { type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { mirrored } from '../../test/mirror.fixture.ts';
import { workOnOne } from '../orders/protocol/order-steps.ts';
import { LeaseLost } from '../orders/protocol/ordering.ts';
import { DueChanges } from '../scheduled-changes/scheduled-change.store.ts';
import { executeDueChange } from '../scheduled-changes/scheduled-changes.worker.ts';

let lifecycle: Lifecycle;
let cmp: ReturnType<typeof mirrored>;
let from: string;
let to: string;
beforeAll(async () => {
  lifecycle = await runLifecycle();
  cmp = mirrored(lifecycle);
  const { records } = await lifecycle.cmp.customers.page({ limit: 2 });
  [from, to] = [records[0]!.id!, records[1]!.id!];
});
afterAll(() => lifecycle.stop());
afterEach(() => lifecycle.simulator.control.clearFaults());

const strike = (kind: string, more: object = {}) =>
  lifecycle.simulator.control.fault({
    kind,
    match: { method: 'POST', path: '^/orders$' },
    times: 1,
    ...more,
  } as never);

/** A subscription of five seats that both know, and an order of ours to make them eight. */
async function ordered() {
  const bought = await lifecycle.simulator.control.buySubscription({ customerId: from, quantity: 5 });
  const at: CmpSubscriptionDetail = await lifecycle.cmp.subscriptions.get(bought.id!);
  const line = at.products[0]!;
  const lines = [{ mpn: line.mpn, vendor: line.vendor!, productId: line.id!, name: line.name!, quantity: 5 }];
  const known = {
    cmpSubscriptionId: at.id,
    creationDate: at.creationDate,
    renewalDate: at.renewalDate,
    lines,
  };
  const id = await cmp.subscription({ ...known, cmpAccountId: from });
  const order = await lifecycle.order({
    kind: 'change-quantity',
    cmpAccountId: from,
    cmpSubscriptionId: at.id,
    product: { vendor: 'MICROSOFT', mpn: line.mpn, cmpProductId: line.id },
    seats: 8,
    when: 'now',
  });
  await lifecycle.pool.query('update orders set subscription_id = $2 where id = $1', [order, id]);
  return {
    order,
    id,
    /** Somebody transfers it at CMP. */
    transferAtCmp: () => lifecycle.simulator.control.patchSubscription(at.id, { customerId: to }),
    /** The mirror tells of it. */
    transferHere: (version = 2) => cmp.subscriptionChanged(id, version, { ...known, cmpAccountId: to }),
    seats: async () => (await lifecycle.cmp.subscriptions.get(at.id)).products[0]!.quantity,
    sent: async () => {
      const { marker } = await lifecycle.read(order);
      return (await lifecycle.simulator.control.ledger()).filter(({ poNumber }) => poNumber === marker)
        .length;
    },
  };
}
const hurry = (id: string) =>
  lifecycle.pool.query(
    `update orders set next_step_at = now(), record = (record::jsonb || '{"nextStepAt": 0}')::json where id = $1`,
    [id],
  );
const reasonOf = async (id: string) => (await lifecycle.read(id)).reason?.code;

it('an order for a subscription that was transferred at CMP is not sent, also before the mirror knows', async () => {
  const { order, transferAtCmp, sent } = await ordered();
  await transferAtCmp();
  const refused = await lifecycle.until(order, 'refused', 'settled', 'needs-attention');
  expect(refused).toMatchObject({ status: 'refused', reason: { code: 'subscription-transferred' } });
  expect(refused.reason!.detail).toContain(to);
  expect(await sent()).toBe(0);
});

it('an order that was not sent rests when its subscription moves, and a retry does not send it', async () => {
  const { order, transferAtCmp, transferHere, sent } = await ordered();
  await transferAtCmp();
  await transferHere();
  expect(await reasonOf(order)).toBe('subscription-transferred');
  await hurry(order);
  await workOnOne('spec', lifecycle.ports);
  expect((await lifecycle.read(order)).status).toBe('needs-attention');
  await lifecycle.call('POST', `/v1/orders/${order}/retry`);
  const refused = await lifecycle.until(order, 'refused', 'settled');
  expect(refused).toMatchObject({ status: 'refused', reason: { code: 'subscription-transferred' } });
  expect(await sent()).toBe(0);
});

it('an order whose answer was lost is escalated when its subscription moves, found by itself, and at CMP once', async () => {
  const { order, transferAtCmp, transferHere, sent, seats } = await ordered();
  await strike('answer-lost');
  await lifecycle.until(order, 'unknown');
  await transferAtCmp();
  await transferHere();
  expect(await lifecycle.read(order)).toMatchObject({
    status: 'needs-attention',
    reason: { code: 'subscription-transferred' },
  });
  await hurry(order);
  await lifecycle.until(order, 'settled');
  expect([await sent(), await seats()]).toEqual([1, 8]);
});

it('an order that never arrived is not sent for the old customer or the new one, however often it is retried', async () => {
  const { order, transferAtCmp, transferHere, sent, seats } = await ordered();
  await strike('html-504', { accepted: false });
  await lifecycle.until(order, 'unknown');
  await transferAtCmp();
  await transferHere();
  await lifecycle.call('POST', `/v1/orders/${order}/retry`);
  await lifecycle.until(order, 'refused', 'settled', 'needs-attention');
  expect([await sent(), await seats()]).toEqual([0, 5]);
});

it.each([
  ['has taken it', { done: true }, { status: 'settled', sent: 1, seats: 8 }],
  ['has not yet', { done: false }, { status: 'needs-attention', sent: 0, seats: 5 }],
])(
  'an order that is being sent while its subscription moves, and CMP %s, is never at CMP twice',
  async (_, held, then) => {
    const { order, transferAtCmp, transferHere, sent, seats } = await ordered();
    await strike('hold', held);
    const working = workOnOne('slow', lifecycle.ports).catch((error: unknown) => error);
    const arrived = async () => (await sent()) === 1 || !held.done;
    while ((await lifecycle.read(order)).status !== 'sending' || !(await arrived()))
      await systemClock.sleep(10);
    await transferAtCmp();
    await transferHere();
    expect((await lifecycle.read(order)).status).toBe('needs-attention');
    await lifecycle.simulator.control.clearFaults();
    expect(await working).toBeInstanceOf(LeaseLost);
    await lifecycle.pool.query('update orders set leased_until = null where id = $1', [order]);
    await hurry(order);
    for (let n = 0; n < 5 && (await lifecycle.read(order)).status === 'needs-attention'; n += 1) {
      await hurry(order);
      await workOnOne('spec', lifecycle.ports);
    }
    if (then.status === 'settled') await lifecycle.until(order, 'settled');
    expect({
      status: (await lifecycle.read(order)).status,
      sent: await sent(),
      seats: await seats(),
    }).toEqual(then);
  },
);

it('what CMP keeps for the renewal is taken back when the subscription moves', async () => {
  const { order, id, transferAtCmp, transferHere } = await ordered();
  await lifecycle.until(order, 'settled');
  const body = { kind: 'change-quantity', subscriptionId: id, seats: 3, at: 'renewal' };
  const change = await lifecycle.call('POST', '/v1/scheduled-changes', body, {
    'idempotency-key': randomUUID(),
  });
  expect(change.status).toBe(201);
  const { rows } = await lifecycle.pool.query('select id from scheduled_changes where subscription_id = $1', [
    id,
  ]);
  while (await lifecycle.service.get(DueChanges).takeOne(executeDueChange));
  const kept = await lifecycle.pool.query('select id from orders where scheduled_change_id = $1', [
    rows[0].id,
  ]);
  const keptOrder = kept.rows[0].id as string;
  await lifecycle.until(keptOrder, 'scheduled');
  await transferAtCmp();
  await transferHere();
  expect(await lifecycle.read(keptOrder)).toMatchObject({
    status: 'needs-attention',
    withdrawRequested: true,
  });
  const read = await lifecycle.call('GET', `/v1/scheduled-changes/${rows[0].id}`);
  expect(read.body).toMatchObject({ status: 'cancelled', reason: { code: 'subscription-transferred' } });
  await hurry(keptOrder);
  expect((await lifecycle.until(keptOrder, 'withdrawn', 'refused', 'settled')).status).toBe('withdrawn');
});

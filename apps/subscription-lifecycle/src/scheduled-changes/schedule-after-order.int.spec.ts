import { atRenewal, daysAhead, runSchedules, type Schedules } from '../../test/schedules.fixture.ts';
import type { OrderSpec } from '../orders/order.ts';

let schedules: Schedules;
beforeAll(async () => {
  schedules = await runSchedules();
});
afterAll(() => schedules.stop());

const codeOf = ({ body }: { body: { type: string } }) => body.type.replace('urn:isthmus:problem:', '');
const now = (subscriptionId: string, seats: number, more: object = {}) =>
  schedules.order({ kind: 'change-quantity', subscriptionId, seats, ...more });
/** Has the order looked at again at once, as news of the mirror does. */
const nudge = (orderId: string) =>
  schedules.pool.query('update orders set next_step_at = now() where id = $1', [orderId]);

describe('a scheduled change goes the way of its order', () => {
  it('at its time it is ordered, proven, done, and each step told once', async () => {
    const { id, cmpSubscriptionId } = await schedules.bought();
    const change = await schedules.ordered(
      id,
      { kind: 'change-quantity', seats: 8, at: daysAhead(1) },
      'settled',
    );
    expect((await schedules.atCmp(cmpSubscriptionId)).products[0]!.quantity).toBe(8);
    expect(await schedules.change(change.id)).toMatchObject({ status: 'done', reason: null });
    expect(await schedules.told(change.id)).toEqual(['planned', 'ordered', 'done']);
  });

  it('behind an order that is under way it is ordered all the same, and ends as it asked', async () => {
    const { id, cmpSubscriptionId } = await schedules.bought();
    const { body: ahead } = await now(id, 8);
    const change = await schedules.ordered(
      id,
      { kind: 'change-quantity', seats: 5, at: daysAhead(1) },
      'settled',
    );
    expect((await schedules.read(ahead.id)).status).toBe('settled');
    expect((await schedules.atCmp(cmpSubscriptionId)).products[0]!.quantity).toBe(5);
    expect(await schedules.change(change.id)).toMatchObject({ status: 'done', reason: null });
  });

  it('for the renewal it is kept by CMP until then', async () => {
    const { id, cmpSubscriptionId } = await schedules.bought();
    const change = await schedules.ordered(id, atRenewal(3), 'scheduled');
    expect((await schedules.change(change.id)).status).toBe('ordered');
    await schedules.simulator.control.patchSubscription(cmpSubscriptionId, { renew: true } as never);
    await nudge(change.orderId);
    await schedules.until(change.orderId, 'settled');
    expect((await schedules.atCmp(cmpSubscriptionId)).products[0]!.quantity).toBe(3);
    expect((await schedules.change(change.id)).status).toBe('done');
  });

  it('a cancellation at the renewal is auto-renew off, at once, and says so', async () => {
    const { id, cmpSubscriptionId } = await schedules.bought();
    const change = await schedules.ordered(id, { kind: 'cancel', at: 'renewal' }, 'settled');
    expect(await schedules.atCmp(cmpSubscriptionId)).toMatchObject({
      status: 'active',
      renewalStatus: false,
    });
    const read = await schedules.change(change.id);
    expect(read).toMatchObject({ status: 'done', kind: 'cancel' });
    expect(read.meaning).toContain('auto-renew is switched off immediately');
  });

  it('what CMP refuses has failed, in CMP’s words', async () => {
    const { id } = await schedules.bought();
    const change = await schedules.ordered(
      id,
      { kind: 'change-quantity', seats: 900_000, at: daysAhead(1) },
      'awaiting-approval',
    );
    const order = `/v1/orders/${change.orderId}`;
    const { hash } = (await schedules.call('GET', order)).body.approval;
    await schedules.call('POST', `${order}/approve`, { hash }, {}, { sub: 'somebody-else' });
    await schedules.until(change.orderId, 'refused');
    const failed = await schedules.change(change.id);
    expect(failed).toMatchObject({ status: 'failed', orderId: change.orderId });
    expect(failed.reason.detail).toContain('900000');
    expect(await schedules.told(change.id)).toEqual(['planned', 'ordered', 'failed']);
  });

  it('taken back while CMP keeps it, it is withdrawn there', async () => {
    const { id, cmpSubscriptionId } = await schedules.bought();
    const change = await schedules.ordered(id, atRenewal(3), 'scheduled');
    const requested = await schedules.call('DELETE', `/v1/scheduled-changes/${change.id}`);
    expect(requested).toMatchObject({ status: 202, body: { status: 'ordered' } });
    // Being withdrawn it is nothing to lose: neither at the door, nor before sending, nor afterwards.
    await schedules.pool.query("update orders set next_step_at = now() + interval '1 hour' where id = $1", [
      change.orderId,
    ]);
    const { status, body: immediate } = await now(id, 7);
    expect(status).toBe(202);
    await schedules.until(immediate.id, 'settled');
    expect((await schedules.change(change.id)).status).toBe('ordered');
    await nudge(change.orderId);
    await schedules.until(change.orderId, 'withdrawn');
    expect((await schedules.change(change.id)).status).toBe('cancelled');
    expect(await schedules.changesOf(id)).toHaveLength(1);
    expect((await schedules.atCmp(cmpSubscriptionId)).products[0]!.quantity).toBe(7);
  });
});

describe('an immediate change that would drop what is scheduled', () => {
  it.each(['planned', 'kept by CMP'])('is refused while that is %s, naming it', async (stage) => {
    const { id } = await schedules.bought();
    const change =
      stage === 'planned'
        ? (await schedules.plan({ subscriptionId: id, ...atRenewal(3) })).body
        : await schedules.ordered(id, atRenewal(3), 'scheduled');
    for (const order of [{ kind: 'change-quantity', seats: 9 }, { kind: 'cancel' }]) {
      const refused = await schedules.order({ subscriptionId: id, ...order });
      expect([refused.status, codeOf(refused as never)]).toEqual([
        422,
        'order.scheduled-changes-would-be-lost',
      ]);
      expect(refused.body.detail).toContain(change.id);
      expect(refused.body.detail).toContain('3 seats');
    }
    expect(
      (await schedules.order({ kind: 'renewal-setting', subscriptionId: id, autoRenew: true })).status,
    ).toBe(202);
    await schedules.call('DELETE', `/v1/scheduled-changes/${change.id}`);
    await schedules.takeOne();
  });

  it('is refused before it is sent where something was scheduled behind the door', async () => {
    const { id, cmpSubscriptionId } = await schedules.bought();
    const line = (await schedules.atCmp(cmpSubscriptionId)).products[0]!;
    const { body } = await schedules.call('GET', `/v1/subscriptions/${id}`);
    const product = { vendor: line.vendor!, mpn: line.mpn!, cmpProductId: line.id! };
    const spec: OrderSpec = {
      ...{ kind: 'change-quantity', cmpAccountId: body.cmpAccountId, cmpSubscriptionId },
      ...{ product, seats: 2, when: 'renewal' },
    };
    await schedules.until(await schedules.unchecked(spec), 'scheduled');
    const { body: immediate } = await now(id, 9);
    const refused = await schedules.until(immediate.id, 'refused', 'settled');
    expect(refused).toMatchObject({ status: 'refused', attempts: 0 });
    expect(refused.reason!.code).toBe('scheduled-changes-would-be-lost');
  });

  it('is made where that is meant: what it dropped is wiped, dropped at CMP, and proposed again', async () => {
    const { id, cmpSubscriptionId } = await schedules.bought();
    const change = await schedules.ordered(id, atRenewal(3), 'scheduled');
    const { body: order } = await now(id, 9, { dropScheduledChanges: true });
    await schedules.until(order.id, 'settled');
    expect(await schedules.change(change.id)).toMatchObject({
      status: 'wiped',
      reason: { code: 'wiped-out' },
    });
    const [proposed] = await schedules.changesOf(id);
    expect(proposed).toMatchObject({
      status: 'proposed',
      seats: 3,
      at: 'renewal',
      insteadOfOrderId: change.orderId,
    });
    expect(proposed.reason.detail).toContain(order.id);

    const path = `/v1/scheduled-changes/${proposed.id}/confirm`;
    expect(await schedules.takeOne()).toBe(false);
    expect(await schedules.call('POST', path)).toMatchObject({ status: 200, body: { status: 'planned' } });
    await schedules.until(change.orderId, 'withdrawn');
    expect(await schedules.changesOf(id)).toHaveLength(2);
    expect((await schedules.call('POST', path)).status).toBe(409);
    expect(await schedules.takeOne()).toBe(true);
    const { orderId } = await schedules.change(proposed.id);
    await schedules.until(orderId, 'scheduled');
    expect((await schedules.atCmp(cmpSubscriptionId)).products[0]!.quantity).toBe(9);
    expect(await schedules.told(change.id)).toEqual(['planned', 'ordered', 'wiped']);
    expect(await schedules.told(proposed.id)).toEqual(['proposed', 'planned', 'ordered']);
  });

  it('that is itself scheduled for an instant has failed, unless it says that it is meant', async () => {
    const { id } = await schedules.bought();
    const kept = await schedules.ordered(id, atRenewal(3), 'scheduled');
    const { body } = await schedules.plan({ ...atRenewal(9), subscriptionId: id, at: daysAhead(1) });
    await schedules.comeDue(body.id);
    await schedules.takeOne();
    expect(await schedules.change(body.id)).toMatchObject({
      status: 'failed',
      reason: { code: 'scheduled-changes-would-be-lost' },
    });
    const meant = { kind: 'change-quantity', seats: 9, at: daysAhead(1), dropScheduledChanges: true };
    await schedules.ordered(id, meant, 'settled');
    expect((await schedules.change(kept.id)).status).toBe('wiped');
  });

  it('a cancellation wipes and proposes nothing: there is no renewal any more', async () => {
    const { id } = await schedules.bought();
    const change = await schedules.ordered(id, atRenewal(3), 'scheduled');
    const { body } = await schedules.order({
      kind: 'cancel',
      subscriptionId: id,
      dropScheduledChanges: true,
    });
    await schedules.until(body.id, 'settled');
    expect((await schedules.change(change.id)).status).toBe('wiped');
    expect(await schedules.changesOf(id)).toHaveLength(1);
  });

  it('one that found everything so already has dropped nothing', async () => {
    const { id, cmpSubscriptionId } = await schedules.bought();
    const change = await schedules.ordered(id, atRenewal(3), 'scheduled');
    await schedules.simulator.control.patchSubscription(cmpSubscriptionId, { quantity: 6 });
    const { body } = await now(id, 6, { dropScheduledChanges: true });
    const settled = await schedules.until(body.id, 'settled');
    expect(settled.reason!.code).toBe('already-so');
    expect((await schedules.change(change.id)).status).toBe('ordered');
  });
});

import { randomUUID } from 'node:crypto';
import { type Guarded, runGuarded } from '../../../test/guard.fixture.ts';
import { workOnOne } from '../protocol/order-steps.ts';

let guarded: Guarded;
beforeAll(async () => {
  guarded = await runGuarded();
});
afterAll(() => guarded?.stop());
beforeEach(async () => {
  await guarded.pool.query('delete from connector_guards');
  await guarded.startAfresh();
});

const codeOf = ({ body }: { body: { type: string } }) => body.type.replace('urn:isthmus:problem:', '');
const ordersOf = async (subscriptionId: string) =>
  (await guarded.call('GET', `/v1/orders?subscriptionId=${subscriptionId}`)).body.data;
/** Works on everything that is due, of which a held order must not be part. */
const work = async () => {
  for (let n = 0; n < 5; n += 1) await workOnOne('spec', guarded.ports);
};

describe('a person', () => {
  it('needs a quote for an order that is too large, and is told which limit it reaches', async () => {
    const subscriptionId = await guarded.bought(30);
    const small = await guarded.placeAs('ann', guarded.seats(subscriptionId, 40));
    expect(small).toMatchObject({ status: 202, body: { status: 'planned', approval: null } });
    await guarded.until(small.body.id, 'settled');

    const large = guarded.seats(subscriptionId, 130);
    const refused = await guarded.placeAs('ann', large);
    expect([refused.status, codeOf(refused as never)]).toEqual([409, 'order.quote-needed']);
    expect(refused.body).toMatchObject({
      nextStep: expect.stringContaining('/v1/quotes'),
      reached: [
        { limit: 'percent', from: 300, value: '433' },
        { limit: 'yearly-amount', from: 25_000, value: '26400.00' },
      ],
    });
    expect(await ordersOf(subscriptionId)).toHaveLength(1);

    const { body: quoted } = await guarded.quote(large);
    const placed = await guarded.placeAs('ann', { ...large, quoteId: quoted.id });
    expect(placed).toMatchObject({ status: 202, body: { status: 'planned' } });
    await guarded.until(placed.body.id, 'settled');
    expect(await guarded.seatsAtCmp(subscriptionId)).toBe(130);
  });

  it('does not get round it by ordering in parts', async () => {
    await guarded.guard({ seats: 10 });
    const subscriptionId = await guarded.bought(10);
    const first = await guarded.placeAs('ann', guarded.seats(subscriptionId, 17));
    await guarded.until(first.body.id, 'settled');
    const second = await guarded.placeAs('ann', guarded.seats(subscriptionId, 21));
    expect([second.status, codeOf(second as never)]).toEqual([409, 'order.quote-needed']);
    expect(second.body.reached).toMatchObject([{ limit: 'seats', value: '11' }]);

    const bought = await guarded.placeAs('ann', guarded.purchase(6));
    expect(bought.status).toBe(202);
    const again = await guarded.placeAs('ann', guarded.purchase(6));
    expect([again.status, codeOf(again as never)]).toEqual([409, 'order.quote-needed']);
    for (const term of ['P1M', 'P3Y']) {
      const otherwise = await guarded.placeAs('ann', { ...guarded.purchase(6), term });
      expect([term, otherwise.status, codeOf(otherwise as never)]).toEqual([term, 409, 'order.quote-needed']);
    }
  });

  it.each(['proving', 'needs-attention'])(
    'does not get round it while the first part has taken effect and is %s',
    async (status) => {
      await guarded.guard({ seats: 10 });
      const subscriptionId = await guarded.bought(10);
      const first = await guarded.placeAs('ann', guarded.seats(subscriptionId, 17));
      await guarded.until(first.body.id, 'settled');
      const record = `jsonb_set(record::jsonb, '{status}', to_jsonb($2::text))::json`;
      await guarded.pool.query(`update orders set status = $2, record = ${record} where id = $1`, [
        ...[first.body.id, status],
      ]);
      // A sync may see the seats before the order is proved.
      const state = `jsonb_set(state::jsonb, '{lines,0,seats}', '17')::json`;
      await guarded.pool.query(`update subscriptions set state = ${state} where id = $1`, [subscriptionId]);
      const second = await guarded.placeAs('ann', guarded.seats(subscriptionId, 21));
      expect(second).toMatchObject({ status: 409, body: { reached: [{ limit: 'seats', value: '11' }] } });
    },
  );

  it('gets approval only for what had been bought when it was asked for', async () => {
    await guarded.guard({}, { seats: 20 });
    const buy = async (seats: number) => (await guarded.placeAs('ann', guarded.purchase(seats))).body;
    const held = await buy(20);
    expect([held.status, (await buy(15)).status]).toEqual(['awaiting-approval', 'planned']);
    await guarded.approved(held.id);
    const again = await buy(15);
    expect(again).toMatchObject({
      status: 'awaiting-approval',
      reason: { detail: expect.stringContaining('adds 30 seats (limit 20)') },
    });
  });

  it('with a quote waits for a second one where the order is larger still, as the quote said', async () => {
    await guarded.guard({ seats: 10 }, { seats: 20 });
    const subscriptionId = await guarded.bought(10);
    const large = guarded.seats(subscriptionId, 35);
    expect(codeOf((await guarded.placeAs('ann', large)) as never)).toBe('order.quote-needed');
    const { body: quoted } = await guarded.quote(large);
    expect(quoted.warnings).toMatchObject([{ code: 'approval-needed' }]);
    const key = randomUUID();
    const held = await guarded.placeAs('ann', { ...large, quoteId: quoted.id }, key);
    expect(held).toMatchObject({
      status: 202,
      body: {
        status: 'awaiting-approval',
        waiting: { for: 'approval', until: held.body.approval.expiresAt },
        reason: { code: 'approval-needed', detail: expect.stringContaining('adds 25 seats (limit 20)') },
        approval: { requestedBy: 'ann', outcome: null },
      },
    });
    expect((await guarded.placeAs('ann', { ...large, quoteId: quoted.id }, key)).body.id).toBe(held.body.id);
    await work();
    expect(await guarded.order(held.body.id)).toMatchObject({ status: 'awaiting-approval', attempts: 0 });
    expect(await guarded.sent()).toBe(0);

    await guarded.approved(held.body.id);
    const settled = await guarded.until(held.body.id, 'settled', 'refused', 'needs-attention');
    expect([settled.status, settled.reason]).toEqual(['settled', null]);
    expect([await guarded.seatsAtCmp(subscriptionId), await guarded.sent()]).toEqual([35, 1]);
    expect(await guarded.saidOf(held.body.id)).toEqual([
      'order-approval-requested',
      'order-approved',
      'order-placed',
      'order-settled',
    ]);
  });

  it('may order fewer seats, cancel and set the renewal, however low the limits are', async () => {
    await guarded.guard({ seats: 1, percent: 101, yearlyAmount: 1, purchasesPerHour: 1 });
    const subscriptionId = await guarded.bought(10);
    const fewer = await guarded.placeAs('ann', guarded.seats(subscriptionId, 2));
    const renewal = { kind: 'renewal-setting', subscriptionId, autoRenew: false };
    const answers = [fewer, await guarded.placeAs('ann', renewal)];
    await guarded.until(fewer.body.id, 'settled');
    answers.push(await guarded.placeAs('ann', { kind: 'cancel', subscriptionId }));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  });
});

describe('a service that cannot quote', () => {
  it('gets an order that waits, the same one for every repetition, and it is placed once it is approved', async () => {
    await guarded.guard({ seats: 10 });
    const subscriptionId = await guarded.bought(10);
    const key = randomUUID();
    const place = () => guarded.placeFor(guarded.seats(subscriptionId, 25), key);
    const answers = await Promise.all(Array.from({ length: 5 }, place));
    expect(new Set(answers.map(({ orderId }) => orderId)).size).toBe(1);
    const [{ orderId }] = answers;
    const waiting = {
      for: 'approval',
      detail: expect.stringContaining('15 seats'),
      until: expect.any(String),
    };
    expect(await place()).toMatchObject({ orderId, outcome: 'running', waiting });
    expect(await ordersOf(subscriptionId)).toHaveLength(1);
    expect((await guarded.saidOf(orderId)).length).toBe(1);

    await guarded.approved(orderId);
    await guarded.until(orderId, 'settled');
    expect(await place()).toMatchObject({ orderId, outcome: 'settled' });
    expect([await guarded.seatsAtCmp(subscriptionId), await guarded.sent()]).toEqual([25, 1]);
  });

  it('buys no more in an hour than the limit, also when it buys at the same time', async () => {
    await guarded.guard({ purchasesPerHour: 4 });
    await guarded.pool.query(`update orders set created_at = now() - interval '61 minutes'`);
    const purchases = Array.from({ length: 10 }, () => guarded.purchase(1) as never);
    const placed = await Promise.all(purchases.map((purchase) => guarded.placeFor(purchase)));
    const held = placed.filter(({ waiting }) => waiting.for === 'approval');
    expect(held).toHaveLength(7);
    expect(held[0].waiting.detail).toContain('new subscription 4 of the connector within an hour (limit 4)');
    await guarded.pool.query(`update orders set created_at = now() - interval '61 minutes'`);
    expect((await guarded.placeFor(guarded.purchase(1) as never)).waiting.for).not.toBe('approval');
  });
});

describe('a scheduled change', () => {
  it('that is too large when it is due waits for a second person, and is done once that approves', async () => {
    await guarded.guard({ seats: 10 });
    const subscriptionId = await guarded.bought(10);
    const change = await guarded.scheduled('ann', guarded.seats(subscriptionId, 30));
    expect(change).toMatchObject({ status: 'ordered', reason: null });
    const { approval } = await guarded.order(change.orderId);
    expect(approval).toMatchObject({ requestedBy: 'ann', outcome: null });
    expect((await guarded.approve(change.orderId, approval.hash, 'ann')).status).toBe(403);
    await guarded.approved(change.orderId);
    await guarded.until(change.orderId, 'settled');
    const { body } = await guarded.call('GET', `/v1/scheduled-changes/${change.id}`);
    expect([body.status, await guarded.seatsAtCmp(subscriptionId)]).toEqual(['done', 30]);
  });

  it('is requested by whoever changed it last, who cannot approve it either', async () => {
    await guarded.guard({ seats: 10 });
    const subscriptionId = await guarded.bought(10);
    const edited = { by: 'eve', seats: 90 };
    const change = await guarded.scheduled('ann', guarded.seats(subscriptionId, 11), edited);
    const { approval, seats } = await guarded.order(change.orderId);
    expect([approval.requestedBy, seats]).toEqual(['eve', 90]);
    expect((await guarded.approve(change.orderId, approval.hash, 'eve')).status).toBe(403);
    expect((await guarded.reject(change.orderId, approval.hash, 'ann')).body.status).toBe('refused');
    const { body } = await guarded.call('GET', `/v1/scheduled-changes/${change.id}`);
    expect(body).toMatchObject({ status: 'failed', reason: { code: 'approval-rejected' } });
  });

  it('that was proposed is requested by whoever confirms it, who cannot approve it either', async () => {
    await guarded.guard({});
    const subscriptionId = await guarded.bought(10);
    const kept = await guarded.scheduled('ann', { ...guarded.seats(subscriptionId, 30), at: 'renewal' });
    await guarded.until(kept.orderId, 'scheduled');
    const atOnce = { ...guarded.seats(subscriptionId, 11), dropScheduledChanges: true };
    await guarded.until((await guarded.placeAs('ann', atOnce)).body.id, 'settled');
    await guarded.until(kept.orderId, 'withdrawn');
    const list = await guarded.call('GET', `/v1/scheduled-changes?subscriptionId=${subscriptionId}`);
    const [proposed] = list.body.data;
    expect(proposed).toMatchObject({ status: 'proposed', seats: 30 });

    await guarded.guard({ seats: 10 });
    const path = `/v1/scheduled-changes/${proposed.id}`;
    await guarded.call('POST', `${path}/confirm`, undefined, {}, { sub: 'eve' });
    const { orderId } = await guarded.carriedOut(proposed.id);
    const { approval } = await guarded.order(orderId);
    expect(approval).toMatchObject({ requestedBy: 'eve', outcome: null });
    expect((await guarded.approve(orderId, approval.hash, 'eve')).status).toBe(403);
    expect((await guarded.approve(orderId, approval.hash, 'ann')).status).toBe(202);
  });

  it('for the renewal waits too, and counts as the one change for it meanwhile', async () => {
    await guarded.guard({ seats: 10 });
    const subscriptionId = await guarded.bought(10);
    const renewal = { ...guarded.seats(subscriptionId, 30), at: 'renewal' };
    const change = await guarded.scheduled('ann', renewal);
    expect((await guarded.order(change.orderId)).status).toBe('awaiting-approval');
    const second = await guarded.call('POST', '/v1/scheduled-changes', renewal, {
      'idempotency-key': randomUUID(),
    });
    expect([second.status, codeOf(second as never)]).toEqual([409, 'scheduled-change.one-at-renewal']);
    await guarded.approved(change.orderId);
    expect((await guarded.until(change.orderId, 'scheduled', 'refused')).status).toBe('scheduled');
  });
});

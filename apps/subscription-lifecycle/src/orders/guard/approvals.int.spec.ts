import { randomUUID } from 'node:crypto';
import { type Guarded, runGuarded } from '../../../test/guard.fixture.ts';
import { mirrored } from '../../../test/mirror.fixture.ts';
import type { Json } from '../../../test/lifecycle.fixture.ts';
import { workOnOne } from '../protocol/order-steps.ts';

let guarded: Guarded;
beforeAll(async () => {
  guarded = await runGuarded();
});
afterAll(() => guarded?.stop());
beforeEach(async () => {
  await guarded.guard({ seats: 10 });
  await guarded.startAfresh();
});

const codeOf = ({ body }: { body: { type: string } }) => body.type.replace('urn:isthmus:problem:', '');
/** An order for 15 seats more that Work 365 requested, as it is shown. */
async function heldOrder(total = 25): Promise<Json> {
  const subscriptionId = await guarded.bought(10);
  const { orderId } = await guarded.placeFor(guarded.seats(subscriptionId, total));
  return guarded.order(orderId);
}
const shown = async ({ id }: Json) => {
  const { status, reason, history } = await guarded.order(id);
  return { status, code: reason?.code ?? null, by: history.at(-1).by };
};

it('lists what waits for an approval, with what it orders and its hash', async () => {
  const { id } = await heldOrder();
  for (const filter of ['status=awaiting-approval', 'waitingFor=approval']) {
    const { data } = (await guarded.call('GET', `/v1/orders?${filter}`)).body;
    expect(data.find((one: Json) => one.id === id)).toMatchObject({
      ...{ seats: 25, mpn: expect.any(String), total: { currency: 'USD' }, attempts: 0 },
      approval: { hash: expect.stringMatching(/^[\w-]{43}$/), requestedBy: 'api-key work365' },
    });
    const others = new Set(data.map((one: Json) => one.status));
    expect(others).toEqual(new Set(['awaiting-approval']));
  }
});

it('places an order once, when many people approve it at the same time', async () => {
  const { id, approval } = await heldOrder();
  const people = Array.from({ length: 6 }, (_, n) => `person-${n}`);
  const answers = await Promise.all(people.map((by) => guarded.approve(id, approval.hash, by)));
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
  const { body } = answers.find(({ status }) => status === 202)!;
  expect(body).toMatchObject({ status: 'planned', reason: null, approval: { outcome: 'approved' } });
  await guarded.until(id, 'settled');
  await workOnOne('spec', guarded.ports);
  expect([
    await guarded.sent(),
    (await guarded.saidOf(id)).filter((one) => one === 'order-approved'),
  ]).toEqual([1, ['order-approved']]);
  expect((await guarded.order(id)).approval.decidedBy).toBe(body.approval.decidedBy);
});

it('takes no approval of whoever requested it, of a viewer, of another tenant, or of another content', async () => {
  const subscriptionId = await guarded.bought(10);
  const command = guarded.seats(subscriptionId, 40);
  await guarded.guard({ seats: 10 }, { seats: 10 });
  const { body: quoted } = await guarded.quote(command);
  const { body: order } = await guarded.placeAs('ann', { ...command, quoteId: quoted.id });
  const { hash } = order.approval;
  const own = await guarded.approve(order.id, hash, 'ann');
  expect([own.status, codeOf(own as never)]).toEqual([403, 'order.own-approval']);
  const path = `/v1/orders/${order.id}/approve`;
  const viewer = await guarded.call('POST', path, { hash }, {}, { sub: 'bob', roles: ['viewer'] });
  const stranger = await guarded.call('POST', path, { hash }, {}, { sub: 'bob', tenant: randomUUID() });
  const nameless = await guarded.call('POST', path, {}, {}, { sub: 'bob' });
  expect([viewer.status, stranger.status, nameless.status]).toEqual([403, 404, 400]);
  const other = await guarded.approve(order.id, hash.replace(/.$/, '_'));
  expect([other.status, codeOf(other as never)]).toEqual([409, 'order.content-differs']);

  // Somebody who reaches the database makes more of it than was seen.
  const more = `jsonb_set(record::jsonb, '{spec,seats}', '4000')::json`;
  await guarded.pool.query(`update orders set record = ${more} where id = $1`, [order.id]);
  expect(codeOf((await guarded.approve(order.id, hash)) as never)).toBe('order.content-differs');
  expect(await shown(order)).toMatchObject({ status: 'awaiting-approval' });
  expect(await guarded.saidOf(order.id)).toEqual(['order-approval-requested']);
});

it('ends an order that is rejected, and publishes who rejected it and why', async () => {
  const order = await heldOrder();
  const rejected = await guarded.reject(order.id, order.approval.hash, 'bob');
  expect(rejected).toMatchObject({
    status: 200,
    body: { status: 'refused', reason: { code: 'approval-rejected', detail: 'bob rejected it: Too many.' } },
  });
  expect(await shown(order)).toEqual({ status: 'refused', code: 'approval-rejected', by: 'bob' });
  expect(await guarded.saidOf(order.id)).toEqual(['order-approval-requested', 'order-refused']);
  const late = await guarded.approve(order.id, order.approval.hash);
  expect([late.status, codeOf(late as never)]).toEqual([409, 'order.illegal-action']);
});

it('ends an order that nobody decides about in time, and takes no approval afterwards', async () => {
  const order = await heldOrder();
  const sevenDays = Date.parse(order.approval.expiresAt) - Date.parse(order.approval.requestedAt);
  expect(sevenDays).toBe(7 * 86_400_000);
  const due = await guarded.pool.query('select next_step_at from orders where id = $1', [order.id]);
  expect(Math.abs(due.rows[0].next_step_at - Date.parse(order.approval.expiresAt))).toBeLessThan(5_000);

  const over = `jsonb_set(record::jsonb, '{approval,expiresAt}', to_jsonb($2::float8))::json`;
  await guarded.pool.query(`update orders set record = ${over} where id = $1`, [order.id, Date.now()]);
  const late = await guarded.approve(order.id, order.approval.hash);
  expect([late.status, codeOf(late as never)]).toEqual([409, 'order.approval-expired']);
  await guarded.pool.query('update orders set next_step_at = now() where id = $1', [order.id]);
  await guarded.until(order.id, 'refused');
  expect(await shown(order)).toEqual({ status: 'refused', code: 'approval-expired', by: 'worker' });
  expect(await guarded.saidOf(order.id)).toEqual(['order-approval-requested', 'order-refused']);
  expect(await guarded.sent()).toBe(0);
});

it('is withdrawn by whoever requested it, at once', async () => {
  const order = await heldOrder();
  const { status, body } = await guarded.call('POST', `/v1/orders/${order.id}/withdraw`, undefined);
  expect([status, body.status]).toEqual([202, 'withdrawn']);
});

it('holds back no other order, and undoes none that was placed after it', async () => {
  const order = await heldOrder();
  const place = (body: object) => guarded.placeAs('ann', { subscriptionId: order.subscriptionId, ...body });
  const renewal = await place({ kind: 'renewal-setting', autoRenew: false });
  expect(renewal.body.waiting.for).toBe('cmp');
  await guarded.until(renewal.body.id, 'settled');

  const corrected = await place({ kind: 'change-quantity', seats: 15 });
  const superseded = await guarded.approve(order.id, order.approval.hash);
  expect([superseded.status, codeOf(superseded as never)]).toEqual([409, 'order.superseded']);
  expect(superseded.body.detail).toContain(corrected.body.id);
  await guarded.until(corrected.body.id, 'settled');
  expect((await guarded.approve(order.id, order.approval.hash)).status).toBe(409);
  expect(await guarded.seatsAtCmp(order.subscriptionId)).toBe(15);
  expect((await guarded.reject(order.id, order.approval.hash)).body.status).toBe('refused');
});

it('goes behind what is being carried out when it is approved', async () => {
  const order = await heldOrder();
  const { subscriptionId } = order;
  const renewal = { kind: 'renewal-setting', subscriptionId, autoRenew: false };
  const { body: ahead } = await guarded.placeAs('ann', renewal);
  const { body } = await guarded.approve(order.id, order.approval.hash);
  expect(body).toMatchObject({ status: 'planned', waiting: { for: 'another-order', orderId: ahead.id } });
  await guarded.until(order.id, 'settled');
  const finished = async (id: string) => Date.parse((await guarded.order(id)).finishedAt);
  expect(await finished(ahead.id)).toBeLessThan(await finished(order.id));
});

it('keeps waiting when the limits are changed, and later orders are judged by the new ones', async () => {
  const order = await heldOrder();
  await guarded.guard({});
  expect(await shown(order)).toMatchObject({ status: 'awaiting-approval' });
  const free = await guarded.placeFor(guarded.seats(await guarded.bought(10), 200));
  expect(free.waiting.for).toBe('cmp');
});

it('is checked again before it is sent, because facts may have changed while it waited', async () => {
  const order = await heldOrder();
  const { rows } = await guarded.pool.query(
    'select cmp_subscription_id as id from subscriptions where id = $1',
    [order.subscriptionId],
  );
  await guarded.simulator.control.patchSubscription(rows[0].id, { status: 'suspended' } as never);
  await guarded.approved(order.id);
  const ended = await guarded.until(order.id, 'refused', 'settled');
  expect(ended).toMatchObject({ status: 'refused', reason: { code: 'subscription-not-active' } });
  expect(await guarded.sent()).toBe(0);
});

it('counts as an order of the connector, ends with it, and is not worked on when others are hurried', async () => {
  const order = await heldOrder();
  const mirror = mirrored(guarded);
  await mirror.connector('created', 4_000);
  expect(await workOnOne('spec', guarded.ports)).toBe(false);
  await mirror.connector('removed', 5_000);
  expect(await shown(order)).toMatchObject({ status: 'refused', code: 'connector-removed' });
});

import { randomUUID } from 'node:crypto';
import { ChangeSubscription, PlaceOrders } from '@isthmus/contracts';
import { auditedActions, requestsTo, type RunningServer, startNats, watchAudit } from '@isthmus/testing';
import { daysAhead, runSchedules, type Schedules } from '../../test/schedules.fixture.ts';
import { mirrored } from '../../test/mirror.fixture.ts';
import { subscriptionLifecycle } from '../service.ts';

let nats: RunningServer;
let lifecycle: Schedules;
let log: ReturnType<typeof watchAudit>;
beforeAll(async () => {
  nats = await startNats();
  const shared = process.env.TEST_NATS_URL;
  // Of its own: requests are shared among all copies of a service.
  process.env.TEST_NATS_URL = nats.url;
  lifecycle = await runSchedules();
  process.env.TEST_NATS_URL = shared;
  log = watchAudit(async (sql, values) => (await lifecycle.pool.query(sql, values)).rows, lifecycle.tenantId);
});
afterAll(async () => {
  await lifecycle.stop();
  await nats.stop();
});

const ann = { sub: 'ann', roles: ['operator'] } as const;
const command = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  lifecycle.call(method, path, body, { 'idempotency-key': randomUUID(), ...headers }, ann as never);
const byAnn = { subject: 'ann', channel: 'console', role: 'operator' };

/** An order as it is when nobody but a person can say what became of it. */
async function stuckOrder(): Promise<string> {
  const spec = { kind: 'cancel', cmpAccountId: '1', cmpSubscriptionId: randomUUID() } as const;
  const id = await lifecycle.unchecked(spec);
  await lifecycle.pool.query(
    `update orders set status = 'needs-attention', record = jsonb_set(record::jsonb, '{status}', '"needs-attention"')::json where id = $1`,
    [id],
  );
  return id;
}

/** What the Rest Provider passes on for the holder of an API key. */
async function passOn(subscriptionId: string, seats: number, key: string = randomUUID()): Promise<string> {
  const of = { tenantId: lifecycle.tenantId, connectorId: lifecycle.connectorId };
  const orders = [{ kind: 'change-quantity', subscriptionId, seats }] as const;
  const { orders: placed } = await requestsTo(lifecycle.service).request(
    PlaceOrders,
    { ...of, key, requestedBy: ofWork365.subject, orders } as never,
    ofWork365,
  );
  return placed[0]!.orderId;
}
const ofWork365 = { subject: 'work365 Key of Ann', correlationId: 'from-work-365' };

/** Decides about an order that is so large that a second person has to approve it; what the audit log has of it. */
async function decideAboutHeld(decision: 'approve' | 'reject', more: object = {}) {
  const id = await passOn(await lifecycle.subscribed(), 900);
  const { hash } = (await lifecycle.call('GET', `/v1/orders/${id}`)).body.approval;
  for (const wrong of [hash.replace(/.$/, '_'), hash])
    await command('POST', `/v1/orders/${id}/${decision}`, { hash: wrong, ...more });
  const [placed, ...decided] = await log.written();
  expect(placed).toMatchObject({ action: 'order.place', after: { status: 'awaiting-approval', seats: 900 } });
  return { thing: `order ${id}`, decided };
}

it('has one entry of every command that changes something, with what changed', async () => {
  const subscriptionId = await lifecycle.subscribed();
  const seats = (total: number) => ({ kind: 'change-quantity', subscriptionId, seats: total });
  const headers = { 'x-correlation-id': 'from-the-console', 'idempotency-key': randomUUID() };
  const placed = await Promise.all([1, 2, 3].map(() => command('POST', '/v1/orders', seats(12), headers)));
  const { id } = placed[0]!.body;
  const thing = `order ${id}`;
  expect(await log.written()).toEqual([
    {
      ...{ ...byAnn, action: 'order.place', thing, before: null, reason: null },
      correlationId: 'from-the-console',
      after: {
        kind: 'change-quantity',
        cmpAccountId: '1',
        cmpSubscriptionId: `s${subscriptionId}`,
        connectorId: lifecycle.connectorId,
        subscriptionId,
        mpn: 'CFQ7TTC0LH16:0001',
        seats: 12,
        when: 'now',
        status: 'planned',
        dropScheduledChanges: false,
      },
    },
  ]);
  await command('POST', `/v1/orders/${id}/withdraw`);
  await command('POST', `/v1/orders/${id}/withdraw`);
  expect(await log.written()).toMatchObject([
    {
      ...byAnn,
      action: 'order.withdraw',
      thing,
      before: { status: 'planned' },
      after: { status: 'withdrawn' },
    },
  ]);

  await command('POST', `/v1/orders/${await stuckOrder()}/retry`);
  expect(await log.written()).toMatchObject([
    { action: 'order.retry', before: { status: 'needs-attention' } },
  ]);
  const reason = 'CMP says that it was done.';
  await command('POST', `/v1/orders/${await stuckOrder()}/resolve`, { outcome: 'settled', reason });
  expect(await log.written()).toMatchObject([
    { ...byAnn, action: 'order.resolve', after: { status: 'settled', reason: 'resolved-by-hand' }, reason },
  ]);

  const approved = await decideAboutHeld('approve');
  expect(approved.decided).toMatchObject([
    {
      ...{ ...byAnn, action: 'order.approve', thing: approved.thing, reason: null },
      before: { status: 'awaiting-approval', reason: 'approval-needed', approval: null },
      after: { status: 'planned', reason: null, approval: 'approved' },
    },
  ]);
  const rejected = await decideAboutHeld('reject', { reason: 'Nobody needs so many.' });
  expect(rejected.decided).toMatchObject([
    {
      ...{ ...byAnn, action: 'order.reject', thing: rejected.thing, reason: 'Nobody needs so many.' },
      before: { status: 'awaiting-approval' },
      after: { status: 'refused', reason: 'approval-rejected', approval: 'rejected' },
    },
  ]);

  const planned = await command('POST', '/v1/scheduled-changes', { ...seats(14), at: daysAhead(2) });
  const change = `/v1/scheduled-changes/${planned.body.id}`;
  const ofChange = { ...byAnn, thing: `scheduled-change ${planned.body.id}` };
  expect(await log.written()).toMatchObject([
    {
      ...ofChange,
      action: 'scheduled-change.plan',
      before: null,
      after: { subscriptionId, seats: 14, status: 'planned' },
    },
  ]);
  await command('PATCH', change, { seats: 15 }, { 'if-match': '"1"' });
  expect(await log.written()).toMatchObject([
    { ...ofChange, action: 'scheduled-change.update', before: { seats: 14 }, after: { seats: 15 } },
  ]);
  await lifecycle.pool.query(`update scheduled_changes set status = 'proposed' where id = $1`, [
    planned.body.id,
  ]);
  await command('POST', `${change}/confirm`);
  expect(await log.written()).toMatchObject([
    {
      ...ofChange,
      action: 'scheduled-change.confirm',
      before: { status: 'proposed' },
      after: { status: 'planned' },
    },
  ]);
  await command('DELETE', change);
  expect(await log.written()).toMatchObject([
    {
      ...ofChange,
      action: 'scheduled-change.cancel',
      before: { status: 'planned' },
      after: { status: 'cancelled' },
    },
  ]);

  const { headers: read } = await lifecycle.call('GET', `/v1/subscriptions/${subscriptionId}`);
  const tag = { 'if-match': read.get('etag')! };
  await command('PATCH', `/v1/subscriptions/${subscriptionId}`, { friendlyName: 'Mail' }, tag);
  expect(await log.written()).toMatchObject([
    {
      ...{ ...byAnn, action: 'subscription.update', thing: `subscription ${subscriptionId}` },
      ...{ before: { friendlyName: null }, after: { friendlyName: 'Mail' } },
    },
  ]);
  const { headers: now } = await lifecycle.call('GET', `/v1/subscriptions/${subscriptionId}`);
  const setting = await command(
    'PATCH',
    `/v1/subscriptions/${subscriptionId}`,
    { autoRenew: false },
    { 'if-match': now.get('etag')! },
  );
  expect(await log.written()).toMatchObject([
    { ...byAnn, action: 'order.place', thing: `order ${setting.body.id}`, after: { autoRenew: false } },
  ]);

  const cmp = mirrored(lifecycle);
  const tenantAccountId = 'T1';
  await cmp.account('1', tenantAccountId);
  const billingContractId = await cmp.contract(tenantAccountId);
  await log.written();
  const assignment = { billingContractId, subscriptionIds: [subscriptionId, randomUUID()] };
  await command('POST', '/v1/subscriptions/assignments', assignment);
  await command('POST', '/v1/subscriptions/assignments', assignment);
  expect(await log.written()).toMatchObject([
    {
      ...{ ...byAnn, action: 'subscription.assign', thing: `billing-contract ${billingContractId}` },
      after: { subscriptions: 1, subscriptionIds: [subscriptionId] },
    },
  ]);
  expect(log.unseen(await auditedActions(subscriptionLifecycle))).toEqual([]);
});

it('names the API key for what the Rest Provider passes on', async () => {
  const subscriptionId = await lifecycle.subscribed();
  await log.written();
  const repeated = randomUUID();
  for (let n = 0; n < 2; n += 1) await passOn(subscriptionId, 11, repeated);
  const key = { ...ofWork365, channel: 'api-key', role: null };
  expect(await log.written()).toMatchObject([
    { ...key, action: 'order.place', after: { subscriptionId, seats: 11 } },
  ]);
  const rename = { subscriptionId, friendlyName: 'Renamed', requestedBy: ofWork365.subject };
  await requestsTo(lifecycle.service).request(
    ChangeSubscription,
    { tenantId: lifecycle.tenantId, connectorId: lifecycle.connectorId, ...rename },
    ofWork365,
  );
  expect(await log.written()).toMatchObject([
    { ...key, action: 'subscription.update', after: { friendlyName: 'Renamed' } },
  ]);
});

it('names who planned a change for the order that a worker places when its time has come', async () => {
  const subscriptionId = await lifecycle.subscribed();
  const body = { kind: 'change-quantity', subscriptionId, seats: 13, at: daysAhead(1) };
  const planned = await command('POST', '/v1/scheduled-changes', body);
  await log.written();
  await lifecycle.comeDue(planned.body.id);
  expect(await lifecycle.takeOne()).toBe(true);
  expect(await log.written()).toMatchObject([
    {
      ...{ subject: 'ann', channel: 'job', role: null, action: 'order.place' },
      after: { subscriptionId, seats: 13, scheduledChangeId: planned.body.id },
    },
  ]);
});

it('has none of a command that was refused', async () => {
  const subscriptionId = await lifecycle.subscribed();
  await log.written();
  const refused = [
    await command('POST', '/v1/orders', { kind: 'change-quantity', subscriptionId, seats: 10 }),
    await command('POST', `/v1/orders/${randomUUID()}/withdraw`),
    await command('POST', '/v1/scheduled-changes', { kind: 'cancel', subscriptionId, at: daysAhead(-1) }),
    await command(
      'PATCH',
      `/v1/subscriptions/${subscriptionId}`,
      { friendlyName: 'x' },
      { 'if-match': '"99"' },
    ),
    await command('POST', '/v1/quotes', { kind: 'change-quantity', subscriptionId, seats: 12 }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([422, 404, 422, 412, 201]);
  expect(await log.written()).toEqual([]);
});

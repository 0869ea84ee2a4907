import { randomUUID } from 'node:crypto';
import { CountLifecycleRecords } from '@isthmus/contracts';
import { type RunningServer, startNats, requestsTo } from '@isthmus/testing';
import { type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { mirrored } from '../../test/mirror.fixture.ts';

let nats: RunningServer;
let lifecycle: Lifecycle;
beforeAll(async () => {
  nats = await startNats();
  lifecycle = await runLifecycle({ NATS_URL: nats.url });
});
afterAll(async () => {
  await lifecycle?.stop();
  await nats?.stop();
});

const none = {
  liveSubscriptions: 0,
  ordersPlanned: 0,
  ordersSending: 0,
  ordersUnknown: 0,
  ordersAccepted: 0,
  ordersNeedingAttention: 0,
  scheduledChanges: 0,
};

const statuses: [string, number][] = [
  ['planned', 0],
  ['planned', 1],
  ['sending', 1],
  ['unknown', 1],
  ['accepted', 1],
  ['scheduled', 1],
  ['proving', 1],
  ['needs-attention', 1],
  ['completed-not-effective', 1],
  ['settled', 1],
  ['refused', 0],
  ['withdrawn', 0],
];

/** An order of a subscription, as it stands after some steps. */
async function orderOf(on: Lifecycle, id: string, status: string, attempts: number): Promise<string> {
  const order = await on.order({ kind: 'cancel', cmpAccountId: '1', cmpSubscriptionId: `s${id}` });
  await on.pool.query(
    `update orders set status = $2, record = (record::jsonb || $3)::json, next_step_at = now() + interval '1 day'
     where id = $1`,
    [order, status, JSON.stringify({ status, attempts })],
  );
  return order;
}

/** A change planned for tomorrow; answers its id. */
async function scheduled(on: Lifecycle, subscriptionId: string): Promise<string> {
  const at = new Date(Date.now() + 86_400_000).toISOString();
  const planned = { subscriptionId, kind: 'change-quantity', seats: 20, at };
  const headers = { 'idempotency-key': randomUUID() };
  const { status, body } = await on.call('POST', '/v1/scheduled-changes', planned, headers);
  expect(status).toBe(201);
  return body.id;
}

it('counts what depends on a connector, and nothing of another connector or tenant', async () => {
  const { tenantId, connectorId, service } = lifecycle;
  const cmp = mirrored(lifecycle);
  const id = await cmp.subscription();
  await cmp.subscription({ status: 'hold' });
  await cmp.subscription({ status: 'terminated' });
  for (const [status, attempts] of statuses) await orderOf(lifecycle, id, status, attempts);
  await scheduled(lifecycle, id);

  const requests = requestsTo(service);
  expect(await requests.request(CountLifecycleRecords, { tenantId, connectorId })).toEqual({
    liveSubscriptions: 2,
    ordersPlanned: 1,
    ordersSending: 1,
    ordersUnknown: 2,
    ordersAccepted: 3,
    ordersNeedingAttention: 2,
    scheduledChanges: 1,
  });
  for (const stranger of [{ tenantId: randomUUID() }, { connectorId: randomUUID() }])
    expect(await requests.request(CountLifecycleRecords, { tenantId, connectorId, ...stranger })).toEqual(
      none,
    );
});

describe('a connector that is removed', () => {
  let own: Lifecycle;
  let cmp: ReturnType<typeof mirrored>;
  let id: string;
  let providerAccountId: string;
  const read = async () => (await own.call('GET', `/v1/subscriptions/${id}`)).body;
  const order = (body: object) => own.call('POST', '/v1/orders', body, { 'idempotency-key': randomUUID() });
  const increase = () => order({ kind: 'change-quantity', subscriptionId: id, seats: 12 });
  const purchase = () =>
    order({ kind: 'create', providerAccountId, partNumber: 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001', seats: 5 });
  beforeAll(async () => {
    own = await runLifecycle({ NATS_URL: nats.url });
    cmp = mirrored(own);
  });
  afterAll(() => own?.stop());

  it('has its planned orders refused, the others escalated and its scheduled changes cancelled, with the reason', async () => {
    providerAccountId = await cmp.account('1', 'FABRIKAM');
    id = await cmp.subscription({ providerAccountId });
    const orders: [string, string][] = [];
    for (const [status, attempts] of statuses)
      orders.push([`${status} ${attempts}`, await orderOf(own, id, status, attempts)]);
    const change = await scheduled(own, id);

    await cmp.connector('removed', 5);
    const ends: Record<string, [string, string | undefined]> = {};
    for (const [name, one] of orders) {
      const { status, reason } = await own.read(one);
      ends[name] = [status, reason?.code];
    }
    const removed = 'connector-removed';
    expect(ends).toEqual({
      'planned 0': ['refused', removed],
      'planned 1': ['needs-attention', removed],
      'sending 1': ['needs-attention', removed],
      'unknown 1': ['needs-attention', removed],
      'accepted 1': ['needs-attention', removed],
      'scheduled 1': ['needs-attention', removed],
      'proving 1': ['needs-attention', removed],
      'needs-attention 1': ['needs-attention', undefined],
      'completed-not-effective 1': ['completed-not-effective', undefined],
      'settled 1': ['settled', undefined],
      'refused 0': ['refused', undefined],
      'withdrawn 0': ['withdrawn', undefined],
    });
    expect((await own.call('GET', `/v1/scheduled-changes/${change}`)).body).toMatchObject({
      status: 'cancelled',
      reason: { code: removed },
    });
  });

  it('takes no orders, also before each subscription is known to have ended', async () => {
    for (const refused of [await increase(), await purchase()])
      expect(refused).toMatchObject({
        status: 409,
        body: {
          type: 'urn:isthmus:problem:order.connector-removed',
          nextStep: expect.stringContaining('again'),
        },
      });
    const { body } = await own.call('GET', `/v1/subscriptions/${id}/options`);
    for (const option of Object.values(body)) expect(option).toMatchObject({ allowed: false });
    const quote = await own.call('POST', '/v1/quotes', { kind: 'cancel', subscriptionId: id });
    expect(quote.body.refused.code).toBe('connector-removed');
  });

  it('has its subscriptions end with that reason, never as a cancellation, and keep what is theirs', async () => {
    const { version } = await read();
    const patched = await own.call(
      'PATCH',
      `/v1/subscriptions/${id}`,
      { friendlyName: 'Front desk', billingContractId: await cmp.contract('FABRIKAM') },
      { 'if-match': `"${version}"` },
    );
    await cmp.subscriptionEnded(id, 2, { status: 'active', reason: 'connector-removed' });
    const { friendlyName, billingContractId } = patched.body;
    expect(await read()).toMatchObject({ status: 'connector-removed', friendlyName, billingContractId });
    const ended = (await own.said()).filter(({ subject }) => subject.includes('subscription-ended'));
    expect(ended.map(({ data }) => data)).toMatchObject([
      { subscriptionId: id, status: 'connector-removed', reason: 'connector-removed' },
    ]);
  });

  it('is usable again once it was set up again, with its ids, contracts and names; older news changes nothing', async () => {
    await cmp.connector('created', 1);
    expect((await increase()).status).toBe(409);
    await cmp.connector('created', 6);
    await cmp.subscriptionChanged(id, 3, { providerAccountId });
    expect(await read()).toMatchObject({
      id,
      status: 'active',
      friendlyName: 'Front desk',
      providerAccountId,
    });
    expect((await read()).billingContractId).not.toBeNull();
    expect((await increase()).status).toBe(202);
    await cmp.connector('removed', 5);
    expect((await increase()).status).not.toBe(409);
    const due = await own.pool.query(
      "select count(*)::int as n from orders where status = 'needs-attention' and next_step_at <= now()",
    );
    expect(due.rows[0].n).toBeGreaterThan(0);
  });
});

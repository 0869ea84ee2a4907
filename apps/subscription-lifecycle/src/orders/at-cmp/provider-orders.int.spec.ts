import { randomUUID } from 'node:crypto';
import { type Json, type Lifecycle, runLifecycle } from '../../../test/lifecycle.fixture.ts';
import { daysAgo, mirrored } from '../../../test/mirror.fixture.ts';

let lifecycle: Lifecycle;
let cmp: ReturnType<typeof mirrored>;
let subscription: string;
const orders: Record<'old' | 'portal' | 'ours' | 'undated', string> = {} as never;
beforeAll(async () => {
  lifecycle = await runLifecycle();
  cmp = mirrored(lifecycle);
  await cmp.accountAppears('1', { name: 'Fabrikam' });
  subscription = await cmp.subscription({ name: 'Basic' });
  orders.old = await cmp.order(subscription, daysAgo(30), { type: 'sales' });
  orders.portal = await cmp.order(subscription, daysAgo(2), { seats: 3 });
  orders.ours = await cmp.order(await cmp.subscription(), daysAgo(1), { seats: 1 });
  orders.undated = await cmp.order(randomUUID(), undefined as never, { lines: undefined });
  const spec = { kind: 'cancel', cmpAccountId: '1', cmpSubscriptionId: 'x' } as never;
  const id = await lifecycle.order(spec);
  await lifecycle.pool.query(
    `update orders set status = 'settled', next_step_at = null,
       record = jsonb_set(record::jsonb, '{cmpOrderId}', to_jsonb($2::text))::json where id = $1`,
    [id, orders.ours],
  );
});
afterAll(() => lifecycle.stop());

const list = async (query = '', as = {}): Promise<Json> =>
  (await lifecycle.call('GET', `/v1/orders/at-cmp?${query}`, undefined, {}, as)).body;
const ids = async (query: string): Promise<string[]> =>
  (await list(query)).data.map(({ cmpOrderId }: Json) => cmpOrderId);

it('lists the orders of CMP, newest first, with our own order, and with the subscriptions they concern', async () => {
  const { data } = await list();
  expect(data.map(({ cmpOrderId }: Json) => cmpOrderId)).toEqual([
    ...[orders.ours, orders.portal, orders.old, orders.undated],
  ]);
  const [ours, portal, , undated] = data;
  expect(ours.orderId).toMatch(/^[\da-f-]{36}$/);
  expect(portal).toMatchObject({
    ...{ connectorId: lifecycle.connectorId, orderId: null, type: 'change', status: 'completed' },
    ...{ scheduledOn: null, upgrade: false, doneAt: expect.stringMatching(/Z$/) },
    cmpSubscriptionIds: [`s${subscription}`],
    subscriptions: [{ subscriptionId: subscription, name: 'Basic', accountName: 'Fabrikam' }],
    lines: [expect.objectContaining({ quantity: 3 })],
  });
  expect(undated.createdAt).toBeNull();
});

it('is narrowed to what was placed here or elsewhere, to a subscription, a type and a time', async () => {
  expect(await ids('placed=here')).toEqual([orders.ours]);
  expect(await ids('placed=elsewhere')).toEqual([orders.portal, orders.old, orders.undated]);
  expect(await ids(`cmpSubscriptionId=s${subscription}`)).toEqual([orders.portal, orders.old]);
  expect(await ids('type=sales')).toEqual([orders.old]);
  expect(await ids(`from=${daysAgo(5)}&to=${daysAgo(1.5)}`)).toEqual([orders.portal]);
  expect(await ids(`connectorId=${randomUUID()}`)).toEqual([]);
  const first = await list('limit=3');
  expect(await ids(`limit=3&cursor=${first.nextCursor}`)).toEqual([orders.undated]);
  expect((await list('', { tenant: randomUUID() })).data).toEqual([]);
  for (const bad of ['placed=there', 'from=monday', 'cursor=x']) expect((await list(bad)).status).toBe(400);
});

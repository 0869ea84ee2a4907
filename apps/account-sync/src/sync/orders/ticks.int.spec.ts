import type { ProviderOrderSettledV1 } from '@isthmus/contracts';
import { startSyncing, type Syncing } from '../../../test/syncing.fixture.ts';

let sync: Syncing;
beforeAll(async () => {
  sync = await startSyncing();
  await sync.run({ scope: 'accounts' });
  await sync.run({});
});
afterAll(() => sync.stop());
beforeEach(async () => {
  await sync.run({ depth: 'incremental' });
  await sync.eventCounts();
  await sync.simulator.control.clearRequests();
});

const active = async (count: number) => {
  const { rows } = await sync.pool.query<{ cmp_id: string; quantity: number; provider_account_id: string }>(
    `select distinct on (provider_account_id) cmp_id, quantity, provider_account_id from provider_subscriptions
     where status = 'active' and json_array_length(lines) = 1 and microsoft_domain is not null order by provider_account_id limit $1`,
    [count],
  );
  return rows;
};
const quantityOf = (cmpId: string) =>
  sync.one('select quantity from provider_subscriptions where cmp_id = $1', [cmpId]);
const requests = async (pattern: RegExp) =>
  (await sync.simulator.control.requests()).filter(({ path }) => pattern.test(path)).length;

it('learns of a purchase made in the portal with its quantity at once', async () => {
  const bought = await sync.simulator.control.buySubscription({});
  await sync.simulator.control.advance(5);
  await sync.run({ depth: 'incremental' });
  expect(await sync.eventCounts()).toMatchObject({ 'provider-subscription-appeared': 1 });
  const quantity = bought.products?.[0]?.quantity;
  expect(await quantityOf(bought.id!)).toEqual({ quantity });
});

/** What was told of finished orders with their lines since the last look, by CMP's id of the order. */
const ordersTold = async (type: string) => {
  const { rows } = await sync.pool.query<{ data: ProviderOrderSettledV1 }>(
    `select data from outbox where type = 'account-sync.provider-order-settled.v1' and data ->> 'lines' is not null
       and data ->> 'type' = $1 order by position`,
    [type],
  );
  return rows.map(({ data }) => data);
};

it('tells of a purchase in the portal when it was made, by which subscription it became, and of how many seats', async () => {
  const bought = await sync.simulator.control.buySubscription({ quantity: 7 });
  await sync.simulator.control.advance(5);
  await sync.run({});
  const order = (await sync.cmp().orders.page({ subscriptionId: bought.id, limit: 1 })).records[0]!;
  const { creationDate } = (order as { value: { creationDate: string } }).value;
  expect((await ordersTold('sales')).at(-1)).toMatchObject({
    ...{ cmpSubscriptionId: bought.id, createdAt: creationDate, status: 'completed', upgrade: false },
    lines: [{ mpn: bought.products![0]!.mpn, productId: bought.products![0]!.id, quantity: 7 }],
  });
});

it('tells an upgrade from seats that were added', async () => {
  const { control } = sync.simulator;
  const [upgraded, increased] = [
    await control.buySubscription({}),
    await control.buySubscription({ quantity: 2 }),
  ];
  await control.patchSubscription(upgraded.id!, { upgradeTerm: { type: 'year', duration: 3 } });
  await control.patchSubscription(increased.id!, { quantity: 5 });
  await control.advance(5);
  await sync.run({ depth: 'incremental' });
  const told = new Map((await ordersTold('change')).map((order) => [order.cmpSubscriptionId, order]));
  expect(told.get(upgraded.id!)).toMatchObject({ upgrade: true });
  expect(told.get(increased.id!)).toMatchObject({ upgrade: false, lines: [{ quantity: 3 }] });
});

it('an order whose detail cannot be read stops nothing: its subscription is read all the same', async () => {
  const { control } = sync.simulator;
  const [bought, other] = [await control.buySubscription({}), await control.buySubscription({})];
  await control.patchSubscription(other.id!, { quantity: 9 });
  const { records } = await sync.cmp().orders.page({ subscriptionId: bought.id, limit: 1 });
  await control.breakRecord({
    resource: 'orders',
    id: records[0]!.id!,
    how: 'amount-not-a-number',
    account: 'us',
  });
  await control.advance(5);
  expect(await sync.run({})).toMatchObject({ status: 'succeeded', counts: { setAside: 1 } });
  expect(await quantityOf(bought.id!)).toEqual({ quantity: 1 });
  expect(await quantityOf(other.id!)).toEqual({ quantity: 9 });
  // How many seats it brought is told as soon as it can be read.
  await sync.eventCounts();
  const due = 'select array_agg(cmp_id) as due from provider_orders where subscription_due';
  expect(await sync.one(due)).toEqual({ due: [records[0]!.id] });
  await control.mendRecords();
  await sync.run({ depth: 'incremental' });
  expect(await sync.one(due)).toEqual({ due: null });
  expect((await ordersTold('sales')).at(-1)).toMatchObject({
    cmpOrderId: records[0]!.id,
    cmpSubscriptionId: bought.id,
    lines: [{ quantity: 1 }],
  });
});

it('learns of a sweep’s changes with one detail call each, and one for each order, which tells when and how many seats were added', async () => {
  const changed = await active(3);
  for (const { cmp_id, quantity } of changed) {
    await sync.simulator.control.patchSubscription(cmp_id, { quantity: quantity + 2 });
  }
  await sync.simulator.control.advance(5);
  const run = await sync.run({});
  expect(await sync.eventCounts()).toMatchObject({ 'provider-subscription-changed': 3 });
  expect(await requests(/\/subscriptions\/\d/)).toBe(3);
  expect(await requests(/\/orders\/\d/)).toBe(3);
  expect(run.counts.calls).toBeLessThanOrEqual(Math.ceil(700 / 500) * 1.05 + 3 + 3 + 5);
});

it('finds a change without an order by a scrub', async () => {
  const [first] = await active(1);
  const { cmp_id, quantity } = first!;
  await sync.simulator.control.patchSubscription(cmp_id, { quantity: quantity + 1, viaOrder: false });
  await sync.pool.query(
    `update provider_subscriptions set detail_confirmed_at = now() - interval '9 days' where cmp_id = $1`,
    [cmp_id],
  );
  await sync.run({ depth: 'scrub' });
  expect(await quantityOf(cmp_id)).toEqual({ quantity: quantity + 1 });
  expect(await sync.eventCounts()).toMatchObject({ 'provider-subscription-changed': 1 });
});

it('a scrub leaves alone what was confirmed within a day', async () => {
  await sync.pool.query(
    `update provider_subscriptions set detail_confirmed_at = now() - interval '20 hours'`,
  );
  await sync.run({ depth: 'scrub' });
  expect(await requests(/\/subscriptions\/\d/)).toBe(0);
  await sync.pool.query(
    `update provider_subscriptions set detail_confirmed_at = now() - interval '25 hours'`,
  );
  await sync.run({ depth: 'scrub' });
  expect(await requests(/\/subscriptions\/\d/)).toBeGreaterThan(0);
});

it('reads one account alone when told so, and leaves one whose sync is off alone', async () => {
  const [first, second] = await active(2);
  await sync.pool.query('update provider_accounts set sync_enabled = false where id = $1', [
    second!.provider_account_id,
  ]);
  for (const { cmp_id, quantity } of [first!, second!]) {
    await sync.simulator.control.patchSubscription(cmp_id, { quantity: quantity + 1 });
  }
  await sync.simulator.control.advance(5);
  const run = await sync.run({ target: `provider-account:${first!.provider_account_id}` });
  expect(run).toMatchObject({ status: 'succeeded', counts: { changed: 1 } });
  expect(await quantityOf(first!.cmp_id)).toEqual({ quantity: first!.quantity + 1 });
  const all = await sync.run({});
  expect(all.counts.skipped).toBeGreaterThan(0);
  expect(await quantityOf(second!.cmp_id)).toEqual({ quantity: second!.quantity });
  await sync.pool.query('update provider_accounts set sync_enabled = true');
});

it('never overwrites a custom domain that was typed by hand', async () => {
  const [first] = await active(1);
  const { cmp_id, quantity, provider_account_id: account } = first!;
  await sync.pool.query(
    `update provider_accounts set custom_domain = 'ours.onmicrosoft.com', custom_domain_source = 'manual' where id = $1`,
    [account],
  );
  await sync.simulator.control.patchSubscription(cmp_id, { quantity: quantity + 1 });
  await sync.simulator.control.advance(5);
  await sync.run({ target: `provider-account:${account}` });
  await sync.run({ scope: 'accounts' });
  expect(
    await sync.one('select custom_domain, custom_domain_source from provider_accounts where id = $1', [
      account,
    ]),
  ).toEqual({
    custom_domain: 'ours.onmicrosoft.com',
    custom_domain_source: 'manual',
  });
});

it('keeps a known domain while a customer has two, and takes the other once it is the only one', async () => {
  const [first] = await active(1);
  const {
    provider_account_id: account,
    cmp_id,
    microsoft_domain: known,
  } = await sync.one('select * from provider_subscriptions where cmp_id = $1', [first!.cmp_id]);
  await sync.pool.query(
    `update provider_accounts set custom_domain = $2, custom_domain_source = 'cmp' where id = $1`,
    [account, known],
  );
  const { cmp_id: customerId } = await sync.one('select cmp_id from provider_accounts where id = $1', [
    account,
  ]);
  const other = await sync.simulator.control.buySubscription({
    customerId,
    microsoftDomain: 'other.onmicrosoft.com',
  });
  await sync.simulator.control.advance(5);
  const domain = async () =>
    (await sync.one('select custom_domain as d from provider_accounts where id = $1', [account])).d;

  await sync.run({ target: `provider-account:${account}` });
  expect(await domain()).toBe(known);
  const { rows } = await sync.pool.query(
    `select cmp_id from provider_subscriptions where provider_account_id = $1 and gone_at is null and status in ('active', 'hold', 'pending') and cmp_id <> $2`,
    [account, other.id],
  );
  expect(rows.map((row) => row.cmp_id)).toContain(cmp_id);
  for (const row of rows)
    await sync.simulator.control.patchSubscription(row.cmp_id, { microsoftDomain: null });
  await sync.run({ target: `provider-account:${account}` });
  expect(await domain()).toBe('other.onmicrosoft.com');
  await sync.simulator.control.patchSubscription(other.id!, { microsoftDomain: null });
  await sync.run({ target: `provider-account:${account}` });
  expect(await domain()).toBe('other.onmicrosoft.com');
});

it('follows an order that is open to its end, though it is no longer among the new ones', async () => {
  const { id } = await openOrder();
  await sync.run({ depth: 'incremental' });
  expect(await sync.eventCounts()).toMatchObject({ 'provider-order-seen': 1 });
  await sync.pool.query(`update order_cursors set newest = now() + interval '1 day'`);
  await sync.simulator.control.confirmOrder(id);
  await sync.simulator.control.advance(60);
  await sync.run({ depth: 'incremental' });
  expect(await sync.eventCounts()).toMatchObject({
    'provider-order-settled': 1,
    'provider-subscription-changed': 1,
  });
});

/** A change order placed through the API that waits for somebody to confirm it in the portal. */
async function openOrder(): Promise<{ id: string }> {
  const [first] = await active(1);
  const detail = await sync.cmp().subscriptions.get(first!.cmp_id);
  const { mpn, vendor, quantity } = detail.products[0]!;
  await sync.simulator.control.fault({
    kind: 'portal-confirmation',
    match: { path: '^/orders$', method: 'POST' },
  });
  return sync.cmp().orders.place({
    type: 'change',
    customerId: detail.customerId,
    products: [
      {
        subscriptionId: detail.id,
        mpn,
        vendor,
        quantity: quantity + 1,
        billingPeriod: detail.billingPeriod,
        subscriptionPeriod: detail.subscriptionPeriod,
      },
    ],
  });
}

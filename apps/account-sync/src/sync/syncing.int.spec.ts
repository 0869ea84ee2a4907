import { startSyncing, type Syncing } from '../../test/syncing.fixture.ts';

let sync: Syncing;
beforeAll(async () => {
  sync = await startSyncing();
});
afterAll(() => sync.stop());

const domainRows = `select
  (select sum(version) from provider_accounts)::int as accounts,
  (select sum(version) from provider_subscriptions)::int as subscriptions,
  (select sum(version) from provider_orders)::int as orders,
  (select count(*) from outbox where type not like '%sync-run%')::int as events`;

it('mirrors every account of CMP and says that each appeared', async () => {
  const run = await sync.run({ scope: 'accounts' });
  expect(run).toMatchObject({ status: 'succeeded', complete: true, failure: null });
  const { n } = await sync.one('select count(*)::int as n from provider_accounts where gone_at is null');
  expect(n).toBe(run.counts.read);
  expect(await sync.eventCounts()).toEqual({
    'provider-account-appeared': n,
    'sync-run-started': 1,
    'sync-run-finished': 1,
  });
});

it('mirrors every subscription with the quantity that only its detail has', async () => {
  const run = await sync.run({});
  expect(run).toMatchObject({ status: 'succeeded', complete: true });
  const { live, known } = await sync.one(
    `select count(*) filter (where status in ('pending','active','hold'))::int as live,
       count(*) filter (where status in ('pending','active','hold') and detail_confirmed_at is not null)::int as known
     from provider_subscriptions`,
  );
  expect(live).toBeGreaterThan(100);
  expect(known).toBe(live);
  await sync.eventCounts();
});

it('fills the custom domain from what CMP shows, and leaves an account with two different ones open', async () => {
  const { filled, wrong } = await sync.one(`
    with shown as (select provider_account_id as id, count(distinct microsoft_domain)::int as n, min(microsoft_domain) as domain
      from provider_subscriptions group by 1)
    select count(*) filter (where a.custom_domain is not null)::int as filled,
      count(*) filter (where (n = 1) is distinct from (a.custom_domain is not null)
        or a.custom_domain <> domain or a.custom_domain_source <> 'cmp')::int as wrong
    from provider_accounts a join shown using (id)`);
  expect(filled).toBeGreaterThan(10);
  expect(wrong).toBe(0);
});

it('writes no row and says nothing when nothing has changed', async () => {
  const before = await sync.one(domainRows);
  const accounts = await sync.run({ scope: 'accounts' });
  const subscriptions = await sync.run({});
  expect(await sync.one(domainRows)).toEqual(before);
  for (const run of [accounts, subscriptions]) {
    expect(run.counts).toMatchObject({ appeared: 0, changed: 0, ended: 0 });
    expect(run.counts.unchanged).toBe(run.counts.read);
  }
  await sync.eventCounts();
});

it('finds one changed seat with a handful of calls, one detail call and one event', async () => {
  const { cmp_id, quantity } = await sync.one(
    `select cmp_id, quantity from provider_subscriptions where status = 'active' and json_array_length(lines) = 1 limit 1`,
  );
  await sync.run({ depth: 'incremental' });
  await sync.eventCounts();
  await sync.simulator.control.patchSubscription(cmp_id, { quantity: quantity + 1 });
  await sync.simulator.control.advance(5);
  await sync.simulator.control.clearRequests();

  const run = await sync.run({ depth: 'incremental' });

  const requests = await sync.simulator.control.requests();
  expect(requests.filter(({ path }) => path.includes('/subscriptions/'))).toHaveLength(1);
  expect(requests.length).toBeLessThanOrEqual(6);
  expect(run.counts.calls).toBe(requests.length);
  expect(await sync.eventCounts()).toMatchObject({ 'provider-subscription-changed': 1 });
  expect(await sync.one('select quantity from provider_subscriptions where cmp_id = $1', [cmp_id])).toEqual({
    quantity: quantity + 1,
  });
});

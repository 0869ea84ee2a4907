import { startSyncing, type Syncing } from '../../test/syncing.fixture.ts';

let sync: Syncing;
beforeAll(async () => {
  sync = await startSyncing();
  await sync.run({ scope: 'accounts' });
  await sync.run({ scope: 'subscriptions' });
});
afterAll(() => sync.stop());

it('reads one subscription again with one call, whatever CMP dates, and stores what has changed', async () => {
  const { id, cmp_id, quantity } = await sync.one(
    `select id, cmp_id, quantity from provider_subscriptions where status = 'active' and json_array_length(lines) = 1 limit 1`,
  );
  await sync.simulator.control.patchSubscription(cmp_id, { quantity: quantity + 2 });
  await sync.eventCounts();
  await sync.simulator.control.clearRequests();

  const run = await sync.run({ target: `provider-subscription:${id}` });

  expect(run).toMatchObject({ status: 'succeeded', counts: { changed: 1 } });
  const requests = await sync.simulator.control.requests();
  expect(requests.map(({ path }) => path)).toEqual([`/subscriptions/${cmp_id}`]);
  expect(await sync.eventCounts()).toMatchObject({ 'provider-subscription-changed': 1 });
  expect(await sync.one('select quantity from provider_subscriptions where id = $1', [id])).toEqual({
    quantity: quantity + 2,
  });
});

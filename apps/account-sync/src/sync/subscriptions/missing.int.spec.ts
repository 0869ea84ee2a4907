import { statementsFor } from '@isthmus/testing';
import { startSyncing, type Syncing } from '../../../test/syncing.fixture.ts';

let sync: Syncing;
beforeAll(async () => {
  sync = await startSyncing({ world: { customers: 5, subscriptions: 20 } });
  await sync.run({ scope: 'accounts' });
});
afterAll(() => sync.stop());

it('what the listing lacks is found in one pass, also before PostgreSQL has statistics of what was just written', async () => {
  // As autovacuum leaves them when it is late: nothing is known of either table.
  for (const table of ['provider_subscriptions', 'sync_seen'])
    await sync.pool.query(`alter table ${table} set (autovacuum_enabled = false)`);
  const issued = await statementsFor(sync.tenantId, () => sync.run({}));
  const search = issued.find((text) => text.includes('unnest(ids)'));
  const { rows } = await sync.pool.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${search!}`);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('sync_seen');
  expect(plan).not.toMatch(/Nested Loop|SubPlan/);
});

import { randomUUID } from 'node:crypto';
import { startSyncing, type Syncing } from '../../test/syncing.fixture.ts';
import { WorkerEnv } from '../worker.config.ts';
import { dueRuns } from './sync-runs.store.ts';

let sync: Syncing;
beforeAll(async () => {
  sync = await startSyncing();
  await sync.run({ scope: 'accounts' });
});
afterAll(() => sync.stop());

const due = async (minutes = 1440) =>
  (await dueRuns(sync.pool, Object.assign(new WorkerEnv(), { REPORT_EVERY_MINUTES: minutes })))
    .filter(({ connectorId }) => connectorId === sync.connectorId)
    .map(({ scope, depth }) => `${scope} ${depth}`)
    .filter((run) => run.startsWith('reports'));
const accountsEvery = (minutes: number) =>
  sync.pool.query(
    `update connectors set schedule = jsonb_set(schedule, '{accountsMinutes}', to_jsonb($2::int)) where connector_id = $1`,
    [sync.connectorId, minutes],
  );

it('asks for reports once a day where accounts are synced by schedule', async () => {
  expect(await due()).toEqual([]);
  await accountsEvery(60);
  expect(await due(0)).toEqual([]);
  expect(await due()).toEqual(['reports incremental']);
  await sync.run({ scope: 'reports', depth: 'incremental' });
  expect(await due()).toEqual([]);
  await sync.pool.query(
    `update sync_runs set created_at = created_at - interval '25 hours' where scope = 'reports'`,
  );
  expect(await due()).toEqual(['reports incremental']);
});

it('asks for none while one is open, and for none of a connector without accounts', async () => {
  const { rows } = await sync.pool.query(
    `update sync_runs set status = 'queued' where scope = 'reports' returning id`,
  );
  expect(rows).toHaveLength(1);
  expect(await due()).toEqual([]);
  const other = randomUUID();
  await sync.pool.query(
    `insert into connectors (connector_id, tenant_id, name, currency, status, schedule, version)
     select $1, tenant_id, name, currency, status, schedule, 1 from connectors where connector_id = $2`,
    [other, sync.connectorId],
  );
  const runs = await dueRuns(sync.pool, new WorkerEnv());
  expect(runs.filter(({ connectorId }) => connectorId === other)).toEqual([]);
});

it('does not count what ran before the connector was taken up again', async () => {
  const scopes = async () =>
    (await dueRuns(sync.pool, new WorkerEnv()))
      .filter(({ connectorId }) => connectorId === sync.connectorId)
      .map(({ scope, depth }) => `${scope} ${depth}`);
  await accountsEvery(1_440);
  expect(await scopes()).not.toContain('accounts full');
  await sync.pool.query('update connectors set restored_at = now() where connector_id = $1', [
    sync.connectorId,
  ]);
  expect(await scopes()).toContain('accounts full');
});

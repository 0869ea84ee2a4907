import { inTransaction } from '@isthmus/service-kit';
import { cancelRun, dropOldPlans, RunCancelled, startApplying, SyncRuns } from '@isthmus/sync-engine';
import { startSyncing, type Syncing } from '../../test/syncing.fixture.ts';
import { WorkerEnv } from '../worker.config.ts';
import { runEvents } from './sync-run.events.ts';
import { phasesOf } from './run.phase.ts';
import { planMirrors } from './subscriptions/subscription-details.service.ts';

let sync: Syncing;
let cmp: Syncing['simulator']['control'];
beforeAll(async () => {
  sync = await startSyncing({ world: { customers: 40, subscriptions: 300 } });
  cmp = sync.simulator.control;
  await sync.run({ scope: 'accounts' });
  await sync.run({});
});
afterAll(() => sync.stop());
beforeEach(() => sync.run({}));

const records = async (runId: string) => {
  const { rows } = await sync.pool.query(
    `select r from sync_run_batches b, json_array_elements(b.records) r where b.run_id = $1 and r->>'kind' <> 'provider-order' order by b.seq`,
    [runId],
  );
  return rows.map(({ r }) => r);
};
const active = async (count: number) => {
  const { rows } = await sync.pool.query(
    `select * from provider_subscriptions where status = 'active' and gone_at is null and json_array_length(lines) = 1 and quantity > 2
     order by cmp_id limit $1`,
    [count],
  );
  return rows;
};
const apply = (planId: string) =>
  inTransaction(sync.pool, (client) =>
    startApplying(client, planMirrors, { tenantId: sync.tenantId, planId, by: 'ann' }),
  );

describe('what a plan has read is kept no longer', () => {
  const kept = async (id: string) =>
    (await sync.one('select count(*)::int as n from sync_plan_batches where run_id = $1', [id])).n as number;
  const planned = async () => {
    const [one] = await active(1);
    await cmp.patchSubscription(one.cmp_id, { quantity: one.quantity + 4 });
    const plan = await sync.run({ apply: false });
    expect(await kept(plan.id)).toBeGreaterThan(0);
    return { plan, one };
  };
  const runs = () => new SyncRuns(undefined as never, sync.pool, runEvents, 0, planMirrors);
  const tooLate = {
    code: 'sync-run.plan-outdated',
    message: expect.stringContaining('no longer stored'),
    nextStep: expect.stringContaining('Create a new plan'),
  };

  it('when it was applied, which it stays', async () => {
    const { plan } = await planned();
    const runId = await apply(plan.id);
    expect(await sync.work(runId)).toMatchObject({ status: 'succeeded' });
    expect(await kept(plan.id)).toBe(0);
    expect(await apply(plan.id)).toBe(runId);
    expect((await records(plan.id)).length).toBeGreaterThan(0);
  });

  it('when it is refused as out of date, at the request or at the work', async () => {
    const { plan, one } = await planned();
    const runId = await runs().apply(sync.tenantId, plan.id, 'ann');
    await sync.pool.query('update provider_subscriptions set version = version + 1 where cmp_id = $1', [
      one.cmp_id,
    ]);
    expect(await sync.work(runId)).toMatchObject({ status: 'failed' });
    expect(await kept(plan.id)).toBe(0);
    await expect(apply(plan.id)).rejects.toMatchObject(tooLate);

    await cmp.patchSubscription(one.cmp_id, { quantity: one.quantity + 5 });
    const second = await sync.run({ apply: false });
    await sync.pool.query('update provider_subscriptions set version = version + 1 where cmp_id = $1', [
      one.cmp_id,
    ]);
    await expect(runs().apply(sync.tenantId, second.id, 'ann')).rejects.toMatchObject({
      differs: [{ cmpId: one.cmp_id }],
    });
    expect(await kept(second.id)).toBe(0);
  });

  it('when it is cancelled, or fails', async () => {
    const id = await sync.start({ apply: false });
    await sync.pool.query(`insert into sync_plan_batches (run_id, seq, rows) values ($1, 0, '[]')`, [id]);
    await inTransaction(sync.pool, (client) => cancelRun(client, runEvents, sync.tenantId, id));
    expect(await kept(id)).toBe(0);

    const { one } = await planned();
    await cmp.patchSubscription(one.cmp_id, { quantity: one.quantity + 5 });
    const broken = await sync.start({ apply: false });
    await sync.work(broken, {
      phasesOf: async (run) => {
        const phases = await phasesOf(sync.pool, run, new WorkerEnv());
        return [...phases, { name: 'breaks', run: () => Promise.reject(new RunCancelled(run.id)) }];
      },
    });
    expect(await sync.one('select status from sync_runs where id = $1', [broken])).toEqual({
      status: 'cancelled',
    });
    expect(await kept(broken)).toBe(0);
  });

  it('after the days it can be applied, unless it is being applied', async () => {
    const { plan } = await planned();
    expect(await dropOldPlans(sync.pool, 30)).toBe(0);
    await sync.pool.query(`update sync_runs set finished_at = now() - interval '31 days' where id = $1`, [
      plan.id,
    ]);
    const runId = await apply(plan.id);
    expect(await dropOldPlans(sync.pool, 30)).toBe(0);
    await inTransaction(sync.pool, (client) => cancelRun(client, runEvents, sync.tenantId, runId));
    expect(await dropOldPlans(sync.pool, 30)).toBeGreaterThan(0);
    expect(await kept(plan.id)).toBe(0);
    await expect(apply(plan.id)).rejects.toMatchObject(tooLate);
  });
});

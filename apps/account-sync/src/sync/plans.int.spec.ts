import { inTransaction } from '@isthmus/service-kit';
import { approveRun, cancelRun, sendHeldRunReminders, startApplying } from '@isthmus/sync-engine';
import { dueRuns } from './sync-runs.store.ts';
import { runEvents } from './sync-run.events.ts';
import { WorkerEnv } from '../worker.config.ts';
import { planMirrors } from './subscriptions/subscription-details.service.ts';
import { startSyncing, type Syncing } from '../../test/syncing.fixture.ts';

let sync: Syncing;
let cmp: Syncing['simulator']['control'];
beforeAll(async () => {
  sync = await startSyncing({ world: { customers: 40, subscriptions: 300 } });
  cmp = sync.simulator.control;
  await sync.run({ scope: 'accounts' });
  await sync.run({});
});
afterAll(() => sync.stop());
beforeEach(async () => {
  await cmp.clearFaults();
  await cmp.mendRecords();
  await sync.pool.query(`update sync_runs set status = 'cancelled' where status = 'awaiting-approval'`);
  await sync.run({ scope: 'accounts' });
  await settle();
  await sync.eventCounts();
});

/** Lets the mirror catch up, whatever a breaker would say. */
async function settle() {
  const run = await sync.run({});
  if (run.status !== 'awaiting-approval') return;
  await approveRun(sync.pool, sync.tenantId, run.id, 'spec');
  await sync.work(run.id);
}

const records = async (runId: string) => {
  const { rows } = await sync.pool.query(
    `select r from sync_run_batches b, json_array_elements(b.records) r where b.run_id = $1 and r->>'kind' <> 'provider-order' order by b.seq`,
    [runId],
  );
  return rows.map(({ r }) => r);
};
const active = async (count: number, where = 'quantity > 2') => {
  const { rows } = await sync.pool.query(
    `select * from provider_subscriptions where status = 'active' and gone_at is null and json_array_length(lines) = 1 and ${where}
     order by cmp_id limit $1`,
    [count],
  );
  return rows;
};
const row = (cmpId: string) => sync.one('select * from provider_subscriptions where cmp_id = $1', [cmpId]);
const apply = (planId: string) =>
  inTransaction(sync.pool, (client) =>
    startApplying(client, planMirrors, { tenantId: sync.tenantId, planId, by: 'ann' }),
  );

describe('a plan', () => {
  it('shows seats and prices of each subscription that differs, and writes nothing', async () => {
    const [one] = await active(1);
    const [gone] = await active(1, `cmp_id <> '${one.cmp_id}' and quantity > 2`);
    await cmp.patchSubscription(one.cmp_id, { quantity: one.quantity + 4 });
    const bought = await cmp.buySubscription({ quantity: 3 });
    await cmp.patchSubscription(gone.cmp_id, { status: 'terminated' });
    const plan = await sync.run({ apply: false });
    expect(plan).toMatchObject({ status: 'succeeded', counts: { appeared: 1, changed: 1, ended: 1 } });
    const shown = await records(plan.id);
    const of = (cmpId: string) => shown.filter((record) => record.cmpId === cmpId);
    const mpn = one.lines[0].mpn;
    expect(of(one.cmp_id)).toMatchObject([
      {
        result: 'changed',
        values: {
          quantity: { from: one.quantity, to: one.quantity + 4 },
          [`lines[${mpn}].quantity`]: { from: one.quantity, to: one.quantity + 4 },
        },
      },
    ]);
    const line = bought.products![0]!;
    expect(of(bought.id!)).toMatchObject([
      {
        result: 'appeared',
        values: {
          quantity: { from: null, to: 3 },
          [`lines[${line.mpn}]`]: { from: null, to: { quantity: 3, unitPrice: { currency: 'USD' } } },
        },
      },
    ]);
    expect(of(gone.cmp_id)).toMatchObject([{ result: 'ended', values: { status: { to: 'terminated' } } }]);
    expect(await row(one.cmp_id)).toMatchObject({ quantity: one.quantity, version: one.version });
    expect(await row(bought.id!)).toBeUndefined();
    expect(Object.keys(await sync.eventCounts()).sort()).toEqual(['sync-run-finished', 'sync-run-started']);
  });

  it('for one account shows seats that no list tells of', async () => {
    const [one] = await active(1);
    await cmp.patchSubscription(one.cmp_id, { quantity: one.quantity + 2, viaOrder: false });
    const plan = await sync.run({ apply: false, target: `provider-account:${one.provider_account_id}` });
    expect(await records(plan.id)).toMatchObject([
      { cmpId: one.cmp_id, values: { quantity: { from: one.quantity, to: one.quantity + 2 } } },
    ]);
  });

  it('is applied as shown, though CMP says something else by now, and only once', async () => {
    const [one, other] = await active(2);
    await cmp.patchSubscription(one.cmp_id, { quantity: one.quantity + 4 });
    await cmp.patchSubscription(other.cmp_id, { status: 'terminated' });
    const bought = await cmp.buySubscription({ quantity: 3 });
    const plan = await sync.run({ apply: false });
    await cmp.patchSubscription(one.cmp_id, { quantity: one.quantity + 9 });
    await sync.eventCounts();

    const runId = await apply(plan.id);
    expect(await apply(plan.id)).toBe(runId);
    const run = await sync.work(runId);
    expect(run).toMatchObject({
      status: 'succeeded',
      counts: { appeared: 1, changed: 1, ended: 1, calls: 0 },
    });
    expect(await sync.eventCounts()).toMatchObject({
      'provider-subscription-appeared': 1,
      'provider-subscription-changed': 1,
      'provider-subscription-ended': 1,
    });
    expect(await row(one.cmp_id)).toMatchObject({ quantity: one.quantity + 4 });
    expect(await row(other.cmp_id)).toMatchObject({ status: 'terminated' });
    expect(await row(bought.id!)).toMatchObject({ quantity: 3, detail_wanted_at: null });
    expect(await apply(plan.id)).toBe(runId);

    await sync.run({});
    expect(await row(one.cmp_id)).toMatchObject({ quantity: one.quantity + 9 });
  });

  it('of accounts is applied too', async () => {
    const { cmp_id, name } = await sync.one(
      `select cmp_id, name from provider_accounts where status = 'active' limit 1`,
    );
    await cmp.patchCustomer(cmp_id, { name: `${name} renamed` } as never);
    const plan = await sync.run({ scope: 'accounts', apply: false });
    expect(await sync.work(await apply(plan.id))).toMatchObject({
      status: 'succeeded',
      counts: { changed: 1 },
    });
    expect(await sync.one('select name from provider_accounts where cmp_id = $1', [cmp_id])).toEqual({
      name: `${name} renamed`,
    });
  });

  it('is refused, naming what differs, once the mirror has learned something else', async () => {
    const [one] = await active(1);
    await cmp.patchSubscription(one.cmp_id, { quantity: one.quantity + 4 });
    const plan = await sync.run({ apply: false });
    await cmp.patchSubscription(one.cmp_id, { quantity: one.quantity + 6 });
    await sync.run({ target: `provider-account:${one.provider_account_id}` });
    await expect(apply(plan.id)).rejects.toMatchObject({
      code: 'sync-run.plan-outdated',
      nextStep: expect.stringContaining('Create a new plan'),
      total: 1,
      differs: [
        {
          kind: 'provider-subscription',
          cmpId: one.cmp_id,
          reason: expect.stringContaining(
            `quantity is ${one.quantity + 6} here, ${one.quantity + 4} in the plan`,
          ),
        },
      ],
    });
    expect(await row(one.cmp_id)).toMatchObject({ quantity: one.quantity + 6 });
  });

  it('is refused when CMP was read since and has gone back to what it was', async () => {
    const [one] = await active(1);
    await cmp.patchSubscription(one.cmp_id, { quantity: one.quantity + 4, viaOrder: false });
    const target = `provider-account:${one.provider_account_id}`;
    const plan = await sync.run({ apply: false, target });
    await cmp.patchSubscription(one.cmp_id, { quantity: one.quantity, viaOrder: false });
    await sync.run({ target });
    await expect(apply(plan.id)).rejects.toMatchObject({ code: 'sync-run.plan-outdated' });
    expect(await row(one.cmp_id)).toMatchObject({ quantity: one.quantity });
  });

  it('writes nothing at all when something changes between the request and the work', async () => {
    const [one, other] = await active(2);
    for (const { cmp_id, quantity } of [one, other])
      await cmp.patchSubscription(cmp_id, { quantity: quantity + 4 });
    const plan = await sync.run({ apply: false });
    const runId = await apply(plan.id);
    await sync.pool.query('update provider_subscriptions set version = version + 1 where cmp_id = $1', [
      other.cmp_id,
    ]);
    expect(await sync.work(runId)).toMatchObject({
      status: 'failed',
      failure: { code: 'sync-run.plan-outdated' },
    });
    expect(await row(one.cmp_id)).toMatchObject({ quantity: one.quantity, version: one.version });
    expect((await sync.eventCounts())['provider-subscription-changed']).toBeUndefined();
  });

  it('without a change, or of a run that wrote already, says that there is nothing to apply', async () => {
    const plan = await sync.run({ apply: false });
    await expect(apply(plan.id)).rejects.toMatchObject({ nextStep: expect.any(String) });
    const run = await sync.run({});
    await expect(apply(run.id)).rejects.toThrow('is not a plan');
    await expect(approveRun(sync.pool, sync.tenantId, plan.id, 'ann')).rejects.toMatchObject({
      code: 'sync-run.action-refused',
      message: expect.stringContaining('is a plan'),
      nextStep: expect.stringContaining('/apply'),
    });
  });
});

describe('a run that waits for approval', () => {
  const half = () =>
    cmp.fault({ kind: 'half-listing', match: { path: '^/customers' }, times: null } as never);
  const held = async () => {
    await half();
    const run = await sync.run({ scope: 'accounts' });
    expect(run.status).toBe('awaiting-approval');
    return run;
  };
  const statusOf = (id: string) => sync.one('select status, failure from sync_runs where id = $1', [id]);

  it('holds up neither the schedule nor a new request of its kind', async () => {
    await sync.pool.query(
      `update connectors set schedule = '{"tickMinutes":0,"sweepMinutes":0,"accountsMinutes":1}' where connector_id = $1`,
      [sync.connectorId],
    );
    const run = await held();
    await sync.pool.query(`update sync_runs set created_at = now() - interval '1 hour'`);
    const due = await dueRuns(sync.pool, Object.assign(new WorkerEnv(), { REPORT_EVERY_MINUTES: 0 }));
    expect(due).toMatchObject([{ connectorId: sync.connectorId, scope: 'accounts', depth: 'full' }]);
    const next = await sync.start({ scope: 'accounts' });
    expect(next).not.toBe(run.id);
    await sync.work(next);
  });

  it('gives way to a later plan of the same danger, with the reason, and waits on since the first', async () => {
    const first = await held();
    await sync.pool.query(
      `update sync_runs set held_since = now() - interval '3 days', reminded_at = now() - interval '1 hour', reminders = 3 where id = $1`,
      [first.id],
    );
    await sync.eventCounts();
    const second = await held();
    expect(await statusOf(first.id)).toMatchObject({
      status: 'cancelled',
      failure: { code: 'sync-run.superseded', detail: expect.stringContaining(second.id) },
    });
    expect(await sync.eventCounts()).toMatchObject({ 'sync-run-finished': 2 });
    const { waits, reminders } = await sync.one(
      `select held_since < now() - interval '2 days' as waits, reminders from sync_runs where id = $1`,
      [second.id],
    );
    expect({ waits, reminders }).toEqual({ waits: true, reminders: 3 });
    await expect(approveRun(sync.pool, sync.tenantId, first.id, 'ann')).rejects.toMatchObject({
      nextStep: expect.stringContaining(second.id),
    });
  });

  it('is over when a later run finds everything in order', async () => {
    const run = await held();
    await cmp.clearFaults();
    await sync.run({ scope: 'accounts' });
    expect(await statusOf(run.id)).toMatchObject({
      status: 'cancelled',
      failure: { code: 'sync-run.superseded' },
    });
  });

  it('reminds people again and again until it is decided', async () => {
    const run = await held();
    await sync.eventCounts();
    const remind = () => sendHeldRunReminders(sync.pool, runEvents, 24);
    const later = () =>
      sync.pool.query(
        `update sync_runs set held_since = held_since - interval '25 hours', reminded_at = reminded_at - interval '25 hours' where id = $1`,
        [run.id],
      );
    expect(await remind()).toBe(0);
    for (const reminder of [1, 2]) {
      await later();
      expect(await remind()).toBe(1);
      expect(await remind()).toBe(0);
      const { data, version } = await sync.one(
        `select data, aggregate_version::int as version from outbox where type = 'account-sync.sync-run-held.v1' order by position desc limit 1`,
      );
      expect(data).toMatchObject({
        runId: run.id,
        scope: 'accounts',
        reminder,
        heldSince: expect.any(String),
        failure: { code: 'sync-run.approval-needed', nextStep: expect.stringContaining('approve') },
      });
      expect(version).toBeGreaterThan(reminder);
    }
    await inTransaction(sync.pool, (client) => cancelRun(client, runEvents, sync.tenantId, run.id));
    await later();
    expect(await remind()).toBe(0);
    expect(await sendHeldRunReminders(sync.pool, runEvents, 0)).toBe(0);
  });

  it('cannot start over while another of its kind is at work, and says so', async () => {
    const run = await held();
    const other = await sync.start({ scope: 'accounts' });
    await expect(approveRun(sync.pool, sync.tenantId, run.id, 'ann')).rejects.toMatchObject({
      code: 'sync-run.action-refused',
      message: expect.stringContaining('another run'),
      nextStep: expect.any(String),
    });
    await inTransaction(sync.pool, (client) => cancelRun(client, runEvents, sync.tenantId, other));
  });
});

describe('seats that would be taken away', () => {
  const seats = () =>
    sync.one<{ n: number }>(
      `select sum(quantity)::int as n from provider_subscriptions where gone_at is null and status in ('pending', 'active', 'hold', 'unknown')`,
    );

  it('stop the run as a plan when they are too many, and are taken once a person has approved', async () => {
    const { n: before } = await seats();
    const shrunk = await active(60, 'quantity > 4');
    const fewer = shrunk.reduce((sum, { quantity }) => sum + quantity - 1, 0);
    expect(fewer).toBeGreaterThan(Math.max(50, before * 0.1));
    for (const { cmp_id } of shrunk) await cmp.patchSubscription(cmp_id, { quantity: 1, viaOrder: false });
    const bought = await cmp.buySubscription({ quantity: 3 });
    // CMP dates a change by the day: its lists may not tell of this one.
    await sync.pool.query(
      `update provider_subscriptions set detail_wanted_at = now() where status = 'active' and gone_at is null`,
    );
    const run = await sync.run({});
    expect(run).toMatchObject({
      status: 'awaiting-approval',
      failure: { code: 'sync-run.approval-needed', detail: expect.stringContaining('seats') },
      breaker: { seats: { fewer, limit: expect.any(Number) } },
    });
    const taken = before + 3 - (await seats()).n;
    expect(taken).toBeLessThanOrEqual(run.breaker!.seats!.limit);
    expect(await row(bought.id!)).toMatchObject({ quantity: 3 });
    const shown = (await records(run.id)).filter(({ values }) => values?.quantity);
    expect(shown.length).toBeGreaterThan(0);

    await approveRun(sync.pool, sync.tenantId, run.id, 'ann');
    expect(await sync.work(run.id)).toMatchObject({ status: 'succeeded' });
    expect((await seats()).n).toBe(before + 3 - fewer);
  });

  it('stop the run also when another subscription gets more than they lose', async () => {
    const { n: before } = await seats();
    const shrunk = await active(60, 'quantity > 4');
    const ids = shrunk.map(({ cmp_id }) => `'${cmp_id}'`).join(', ');
    const [grown] = await active(1, `cmp_id not in (${ids})`);
    const fewer = shrunk.reduce((sum, { quantity }) => sum + quantity - 1, 0);
    expect(fewer).toBeGreaterThan(Math.max(50, before * 0.1));
    for (const { cmp_id } of shrunk) await cmp.patchSubscription(cmp_id, { quantity: 1, viaOrder: false });
    await cmp.patchSubscription(grown.cmp_id, { quantity: grown.quantity + 2 * fewer, viaOrder: false });
    await sync.pool.query(
      `update provider_subscriptions set detail_wanted_at = now() where status = 'active' and gone_at is null`,
    );
    expect(await sync.run({})).toMatchObject({
      status: 'awaiting-approval',
      breaker: { seats: { fewer, limit: expect.any(Number) } },
    });
  });

  it('do not stop a run while they are few, or when more are added', async () => {
    const [one, ...others] = await active(30);
    await cmp.patchSubscription(one.cmp_id, { quantity: 1 });
    for (const { cmp_id, quantity } of others)
      await cmp.patchSubscription(cmp_id, { quantity: quantity * 3 });
    expect(await sync.run({})).toMatchObject({ status: 'succeeded' });
  });
});

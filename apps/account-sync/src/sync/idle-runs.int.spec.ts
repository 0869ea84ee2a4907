import { randomUUID } from 'node:crypto';
import { ConnectorNotUsable } from '@isthmus/cmp-connections';
import { dropOldRuns, startDueRuns } from '@isthmus/sync-engine';
import { statementsFor } from '@isthmus/testing';
import { startSyncing, type Syncing } from '../../test/syncing.fixture.ts';

let sync: Syncing;
beforeAll(async () => {
  sync = await startSyncing({ world: { customers: 40, subscriptions: 300 } });
  await sync.run({ scope: 'accounts' });
  await sync.run({});
  await sync.run(tick);
  await sync.run(sweep);
});
afterAll(() => sync.stop());
beforeEach(() => sync.eventCounts());

const tick = { depth: 'incremental', trigger: 'schedule' } as const;
const sweep = { depth: 'full', trigger: 'schedule' } as const;

/** How many rows there are of runs, and what shows every other row that was written for the tenant. */
const stored = () =>
  sync.one<{ runs: number; others: string }>(
    `select (select count(*)::int from sync_runs) as runs, concat_ws(' ',
       (select md5(string_agg(xmin::text || id, ' ' order by id)) from provider_orders),
       (select md5(string_agg(xmin::text || id, ' ' order by id)) from provider_subscriptions),
       (select md5(string_agg(xmin::text || id, ' ' order by id)) from provider_accounts),
       (select max(xmin::text::bigint) from order_cursors), (select max(position) from outbox),
       (select count(*) from sync_run_batches), (select count(*) from sync_seen), (select count(*) from audit_entries)) as others`,
  );

describe('a run of the schedule that finds nothing', () => {
  it.each([
    ['tick', tick, 13],
    ['sweep', sweep, 21],
  ])('leaves one row behind, its own, and needs few statements: %s', async (_, request, most) => {
    const before = await stored();
    const sent = await statementsFor(sync.tenantId, () => sync.run(request));
    expect(await stored()).toEqual({ ...before, runs: before.runs + 1 });
    expect(sent.slice(most)).toEqual([]);
  });

  it('is still shown as what it was', async () => {
    expect(await sync.run(tick)).toMatchObject({
      ...{
        status: 'succeeded',
        complete: true,
        phase: 'rated lines',
        lease_until: null,
        failure: null,
      },
      counts: { appeared: 0, changed: 0, ended: 0, failed: 0 },
    });
  });
});

describe('the end of a run of the schedule is published', () => {
  const finished = { 'sync-run-finished': 1 };

  it('when it found something', async () => {
    const { cmp_id: id, quantity } = await sync.one(
      `select cmp_id, quantity from provider_subscriptions where status = 'active' and json_array_length(lines) = 1 limit 1`,
    );
    await sync.simulator.control.patchSubscription(id, { quantity: quantity + 1 });
    await sync.simulator.control.advance(5);
    await sync.run(tick);
    expect(await sync.eventCounts()).toMatchObject({ ...finished, 'provider-subscription-changed': 1 });
  });

  it('when it failed, and when the next one succeeds, but not that of the one after it', async () => {
    const runId = await sync.start(tick);
    const broken = {
      phasesOf: () => Promise.reject(new ConnectorNotUsable(sync.connectorId, 'it is paused', 'Resume it.')),
    };
    expect(await sync.work(runId, broken)).toMatchObject({ status: 'failed' });
    expect(await sync.eventCounts()).toEqual(finished);
    expect(await sync.run(tick)).toMatchObject({ status: 'succeeded' });
    expect(await sync.eventCounts()).toEqual(finished);
    expect(await sync.run(tick)).toMatchObject({ status: 'succeeded' });
    expect(await sync.eventCounts()).toEqual({});
  });

  it('when a user requested it, like its start', async () => {
    await sync.run({ depth: 'incremental' });
    expect(await sync.eventCounts()).toEqual({ ...finished, 'sync-run-started': 1 });
  });
});

describe('the schedule', () => {
  it('starts all that is due in one statement, and nothing that is in progress', async () => {
    await sync.pool.query('delete from sync_runs');
    const due = Array.from({ length: 40 }, () => ({
      tenantId: sync.tenantId,
      connectorId: randomUUID(),
      scope: 'subscriptions',
      depth: 'incremental',
    }));
    await startDueRuns(sync.service.pool, due.slice(0, 10));
    await startDueRuns(sync.service.pool, due);
    const open = `select count(*)::int as n, count(distinct connector_id)::int as connectors from sync_runs
      where status = 'queued' and trigger = 'schedule' and counts ->> 'read' = '0'`;
    expect(await sync.one(open)).toEqual({ n: 40, connectors: 40 });
    await sync.pool.query('delete from sync_runs');
  });
});

describe('old runs', () => {
  const days = { all: 90, idle: 2 };
  const aged = async (id: string, age: number) =>
    void (await sync.pool.query(
      `update sync_runs set created_at = now() - make_interval(days => $2), started_at = now() - make_interval(days => $2),
         finished_at = now() - make_interval(days => $2) where id = $1`,
      [id, age],
    ));
  const remaining = async (ids: string[]) => {
    const { rows } = await sync.pool.query<{ id: string }>('select id from sync_runs where id = any($1)', [
      ids,
    ]);
    return ids.map((id) => rows.some((row) => row.id === id));
  };

  it('are deleted when they found nothing and are two days old, except the last of a kind', async () => {
    const idle: string[] = [];
    for (const age of [30, 3, 3, 1]) {
      const { id } = await sync.run(tick);
      await aged(id, age);
      idle.push(id);
    }
    const { id: lastSweep } = await sync.run(sweep);
    await aged(lastSweep, 30);
    await dropOldRuns(sync.service.pool, days);
    expect(await remaining([...idle, lastSweep])).toEqual([false, false, false, true, true]);
  });

  it('are deleted with their records after ninety days, whatever they found', async () => {
    const { id: requested } = await sync.run({ depth: 'incremental' });
    const { id: recent } = await sync.run({ depth: 'incremental' });
    await sync.run({ depth: 'incremental' });
    await sync.pool.query(
      `insert into sync_run_batches (run_id, seq, records) values ($1, 0, '[]'), ($2, 0, '[]')`,
      [requested, recent],
    );
    await aged(requested, 91);
    await aged(recent, 89);
    await dropOldRuns(sync.service.pool, days);
    expect(await remaining([requested, recent])).toEqual([false, true]);
    const { rows } = await sync.pool.query(
      'select run_id as id from sync_run_batches where run_id = any($1)',
      [[requested, recent]],
    );
    expect(rows).toEqual([{ id: recent }]);
  });
});

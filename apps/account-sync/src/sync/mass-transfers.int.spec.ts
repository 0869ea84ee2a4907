import { approveRun } from '@isthmus/sync-engine';
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
beforeEach(settle);

/** Lets the mirror catch up, whatever a breaker would say. */
async function settle() {
  await sync.pool.query(`update sync_runs set status = 'cancelled' where status = 'awaiting-approval'`);
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
const active = async (count: number) => {
  const { rows } = await sync.pool.query(
    `select * from provider_subscriptions where status = 'active' and gone_at is null and json_array_length(lines) = 1 and quantity > 2
     order by cmp_id limit $1`,
    [count],
  );
  return rows;
};

describe('subscriptions that would move to other customers', () => {
  /** Another customer than any of theirs. */
  const customerBeside = (rows: { provider_account_id: string }[]) =>
    sync.one<{ id: string; cmp_id: string }>(
      `select id, cmp_id from provider_accounts
       where id <> all($1) and gone_at is null and status = 'active' and sync_enabled order by id limit 1`,
      [rows.map(({ provider_account_id }) => provider_account_id)],
    );
  const at = async (cmpIds: string[], account: { id: string }) => {
    const { n } = await sync.one<{ n: number }>(
      'select count(*)::int as n from provider_subscriptions where cmp_id = any($1) and provider_account_id = $2 and gone_at is null',
      [cmpIds, account.id],
    );
    return n;
  };
  const move = async (cmpIds: string[], account: { cmp_id: string }, more: object = {}) => {
    for (const id of cmpIds) await cmp.patchSubscription(id, { customerId: account.cmp_id, ...more });
  };
  /** Runs until held, looks, approves and runs to the end. */
  const holdAndApprove = async (request: object, cmpIds: string[], account: { id: string }) => {
    const run = await sync.run(request);
    expect(run).toMatchObject({
      status: 'awaiting-approval',
      failure: {
        code: 'sync-run.approval-needed',
        detail: expect.stringMatching(/would move \d+ of \d+ (provider-)?subscriptions to other customers/),
      },
      breaker: { moved: { count: expect.any(Number), limit: expect.any(Number) } },
    });
    const { count, limit } = run.breaker!.moved!;
    expect(count).toBeGreaterThan(limit);
    expect(await at(cmpIds, account)).toBeLessThanOrEqual(limit);
    const shown = (await records(run.id)).filter(({ values }) => values?.cmpAccountId?.to);
    expect(shown.length).toBeGreaterThan(0);

    await approveRun(sync.pool, sync.tenantId, run.id, 'ann');
    expect(await sync.work(run.id)).toMatchObject({ status: 'succeeded' });
    expect(await at(cmpIds, account)).toBe(cmpIds.length);
  };

  it('stop a full run as a plan when they are too many, and move once a person has approved', async () => {
    const rows = await active(60);
    const account = await customerBeside(rows);
    const ids = rows.map(({ cmp_id }) => cmp_id);
    await move(ids, account);
    await holdAndApprove({}, ids, account);
  });

  it('stop a run for the one they came from, which reads them by their ids, and one for the one they went to', async () => {
    const rows = await active(40);
    const [first, second] = await Promise.all([
      customerBeside(rows),
      sync.one<{ id: string; cmp_id: string }>(
        `select id, cmp_id from provider_accounts where gone_at is null and status = 'active' and sync_enabled order by id desc limit 1`,
      ),
    ]);
    const ids = rows.slice(0, 12).map(({ cmp_id }) => cmp_id);
    await move(ids, first);
    await settle();
    await move(ids, second);
    await holdAndApprove({ target: `provider-account:${first.id}` }, ids, second);
    await move(ids, first);
    // Of those it has, few may be lost; of those that come, as few.
    const run = await sync.run({ target: `provider-account:${first.id}` });
    expect(run).toMatchObject({ status: 'awaiting-approval', breaker: { moved: { count: 12 } } });
    expect(await at(ids, second)).toBeGreaterThanOrEqual(12 - run.breaker!.moved!.limit);
  });

  it('stop a tick that meets them through orders', async () => {
    const rows = await active(40);
    const account = await customerBeside(rows);
    const ids = rows.map(({ cmp_id }) => cmp_id);
    for (const { cmp_id, quantity } of rows)
      await cmp.patchSubscription(cmp_id, { customerId: account.cmp_id, quantity: quantity + 1 });
    await cmp.advance(5);
    await holdAndApprove({ depth: 'incremental' }, ids, account);
  });

  it('stop a scrub that meets them in details', async () => {
    const rows = await active(40);
    const account = await customerBeside(rows);
    const ids = rows.map(({ cmp_id }) => cmp_id);
    await move(ids, account);
    await sync.pool.query(
      `update provider_subscriptions set detail_wanted_at = now() - interval '1 hour' where cmp_id = any($1)`,
      [ids],
    );
    await holdAndApprove({ depth: 'scrub' }, ids, account);
  });

  it('do not stop a run while they are few', async () => {
    const rows = await active(4);
    const account = await customerBeside(rows);
    await move(
      rows.map(({ cmp_id }) => cmp_id),
      account,
    );
    expect(await sync.run({})).toMatchObject({ status: 'succeeded', breaker: null });
  });
});

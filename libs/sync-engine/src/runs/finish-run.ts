import type { Pool, PoolClient } from 'pg';
import { emitMany } from '@isthmus/messaging';
import { inTransaction } from './in-transaction.ts';
import type { RunContext } from './run-context.ts';
import { heldRunColumns, type HeldRun } from './run-lease.ts';
import type { RunStatus } from './run-lifecycle.ts';
import type { RunBreaker, RunFailure } from './run-report.ts';
import type { RunTeller } from './run-teller.ts';

/** Ends (or holds for approval) a run with its event, unless another worker holds it by now. */
export async function finishRun(
  { pool, tell }: { pool: Pool; tell: RunTeller },
  run: HeldRun,
  context: RunContext | undefined,
  outcome: { status: RunStatus; failure?: RunFailure; breaker?: RunBreaker },
): Promise<void> {
  const counts = context ? { ...context.counts, calls: context.counts.calls + context.calls } : run.counts;
  await inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `update sync_runs set status = $3, failure = $4, counts = $5, complete = $6, breaker = coalesce($7, breaker),
         waiting = null, lease_until = null, heartbeat_at = now(),
         finished_at = case when $3 = 'awaiting-approval' then null else now() end,
         held_since = case when $3 = 'awaiting-approval' then now() end, reminded_at = null, reminders = 0
       where id = $1 and lease_token = $2 and status = 'running'`,
      [
        run.id,
        run.token,
        outcome.status,
        outcome.failure ? JSON.stringify(outcome.failure) : null,
        JSON.stringify(counts),
        context?.complete ?? null,
        outcome.breaker ? JSON.stringify(outcome.breaker) : null,
      ],
    );
    if (!rowCount) return;
    await client.query('delete from sync_seen where run_id = $1', [run.id]);
    await emitMany(client, [tell.finished(run, outcome.status, counts, outcome.failure)]);
    if (outcome.status === 'awaiting-approval')
      await supersedeHeld(client, tell, run, {
        code: 'sync-run.superseded',
        detail: `Sync run ${run.id} found the same danger later; its plan takes the place of this one.`,
        nextStep: `Look at the records of sync run ${run.id}, then approve or cancel that one.`,
      });
    else if (outcome.status === 'succeeded' && run.apply && context?.complete)
      await supersedeHeld(client, tell, run, {
        code: 'sync-run.superseded',
        detail: `Sync run ${run.id} read everything later and found nothing to approve.`,
        nextStep: 'There is nothing to do.',
      });
  });
}

/** Ends the plans of the same kind that still wait for a person. How long somebody has waited goes on with the new one. */
async function supersedeHeld(
  client: PoolClient,
  tell: RunTeller,
  run: HeldRun,
  failure: RunFailure,
): Promise<void> {
  const { rows } = await client.query<HeldRun>(
    `update sync_runs set status = 'cancelled', failure = $7, finished_at = now(), lease_token = lease_token + 1
     where tenant_id = $1 and connector_id = $2 and scope = $3 and depth = $4 and target = $5 and apply and id <> $6
       and status = 'awaiting-approval'
     returning ${heldRunColumns}`,
    [run.tenantId, run.connectorId, run.scope, run.depth, run.target, run.id, JSON.stringify(failure)],
  );
  if (!rows.length) return;
  await client.query(
    `update sync_runs r set held_since = least(r.held_since, old.since), reminded_at = old.reminded, reminders = old.reminders
     from (select min(held_since) as since, max(reminded_at) as reminded, max(reminders) as reminders from sync_runs where id = any($2)) old
     where r.id = $1 and r.status = 'awaiting-approval'`,
    [run.id, rows.map(({ id }) => id)],
  );
  await emitMany(
    client,
    rows.map((old) => tell.finished(old, 'cancelled', old.counts, failure)),
  );
}

import { emitMany, type Statements } from '@isthmus/messaging';
import type { Pool } from 'pg';
import { inTransaction } from './in-transaction.ts';
import { statusesThatMay, type RunAction, type RunStatus } from './run-lifecycle.ts';
import { heldRunColumns, type HeldRun } from './run-lease.ts';
import { noCounts } from './run-report.ts';
import type { RunTeller } from './run-teller.ts';
import { RunActionRefused, RunNotFound } from './sync.errors.ts';

/** Ends a run that waits at once, with its event, and asks a running one to end with its next batch; in the caller's transaction. */
export async function cancelRun(
  client: Statements,
  tell: RunTeller,
  tenantId: string,
  runId: string,
): Promise<void> {
  const { rows } = await client.query<HeldRun & { status: RunStatus }>(
    `update sync_runs set cancel_requested_at = coalesce(cancel_requested_at, now()),
       finished_at = case when status = 'running' then null else now() end,
       status = case when status = 'running' then status else 'cancelled' end
     where id = $1 and tenant_id = $2 and status = any($3)
     returning status, ${heldRunColumns}`,
    [runId, tenantId, statusesThatMay('cancel')],
  );
  const run = rows[0];
  if (!run) return refuse(client, tenantId, runId, 'cancel');
  if (run.status === 'cancelled') await emitMany(client, [tell.finished(run, run.status, run.counts)]);
}

/** Lets a held run start over, now allowed to end as many records as its plan said. */
export async function approveRun(
  pool: Pool,
  tell: RunTeller,
  tenantId: string,
  runId: string,
  by: string,
): Promise<void> {
  const done = await inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `update sync_runs set status = 'queued', checkpoint = null, counts = $4, failure = null, lease_until = null, attempts = 0,
         breaker = breaker || jsonb_build_object('approved', breaker->'end', 'approvedBy', $3::text), enqueued_at = now()
       where id = $1 and tenant_id = $2 and status = 'awaiting-approval'`,
      [runId, tenantId, by, JSON.stringify(noCounts())],
    );
    if (!rowCount) return false;
    await client.query('delete from sync_run_batches where run_id = $1', [runId]);
    await emitMany(client, [tell.due({ id: runId, tenantId })]);
    return true;
  });
  if (!done) await refuse(pool, tenantId, runId, 'approve');
}

async function refuse(on: Statements, tenantId: string, runId: string, action: RunAction): Promise<never> {
  const { rows } = await on.query<{ status: string }>(
    'select status from sync_runs where id = $1 and tenant_id = $2',
    [runId, tenantId],
  );
  throw rows[0] ? new RunActionRefused(runId, rows[0].status, action) : new RunNotFound(runId);
}

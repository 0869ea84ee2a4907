import type { Pool } from 'pg';
import { emitMany } from '@isthmus/messaging';
import { inTransaction } from './in-transaction.ts';
import type { RunContext } from './run-context.ts';
import type { HeldRun } from './run-lease.ts';
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
         finished_at = case when $3 = 'awaiting-approval' then null else now() end
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
  });
}

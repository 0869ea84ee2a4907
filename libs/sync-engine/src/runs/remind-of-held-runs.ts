import { emitMany } from '@isthmus/messaging';
import type { Pool } from 'pg';
import { inTransaction } from './in-transaction.ts';
import { heldRunColumns, type HeldRun } from './run-lease.ts';
import type { RunFailure } from './run-report.ts';
import type { RunTeller } from './run-teller.ts';

interface Due extends HeldRun {
  failure: RunFailure | null;
  since: Date;
  reminder: number;
}

/** Emits a reminder for every run that has waited for a person since the last one, `everyHours` hours apart; 0 is never. Returns how many. */
export async function remindOfHeldRuns(pool: Pool, tell: RunTeller, everyHours: number): Promise<number> {
  if (everyHours === 0) return 0;
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<Due>(
      `update sync_runs set reminders = reminders + 1, reminded_at = now(), lease_token = lease_token + 1
       where id in (
         select id from sync_runs
         where status = 'awaiting-approval'
           and coalesce(reminded_at, held_since) <= now() - make_interval(secs => $1::float8 * 3600)
         for update skip locked)
       returning ${heldRunColumns}, failure, held_since as since, reminders as reminder`,
      [everyHours],
    );
    await emitMany(
      client,
      rows.map((run) =>
        tell.held(run, { ...reasonOf(run), since: run.since.toISOString(), reminder: run.reminder }),
      ),
    );
    return rows.length;
  });
}

const reasonOf = ({ id, failure }: Due): { failure: RunFailure } => ({
  failure: failure ?? {
    code: 'sync-run.approval-needed',
    detail: `Sync run ${id} waits for approval.`,
    nextStep: 'See the records of this run, then approve it or cancel it.',
  },
});

import type { SqlClient } from '@isthmus/messaging';
import { acrossTenants } from '@isthmus/service-kit';
import type { Pool } from 'pg';
import { type RunCounts, statusesAllowing } from './run.ts';

/** A run as its worker holds it; `token` fences every write. */
export interface LeasedRun {
  id: string;
  tenantId: string;
  connectorId: string;
  scope: string;
  depth: string;
  target: string;
  apply: boolean;
  trigger: string;
  /** How many endings a person has approved for this run; 0 if nobody was asked. */
  endingsApproved: number;
  /** Number of removed seats that a user has approved for this run; 0 if nobody was asked. */
  seatsApproved: number;
  /** Number of moves to other customers that a user has approved for this run; 0 if nobody was asked. */
  movesApproved: number;
  checkpoint: RunCheckpoint | null;
  counts: RunCounts;
  attempts: number;
  token: number;
  /** W3C trace context of the request for the run. */
  traceparent: string | null;
  startedBefore: boolean;
}

interface RunCheckpoint {
  /** The phases before this one are finished. */
  phase: string;
  /** The number of batches committed so far, which is also the next batch's number. */
  seq: number;
  /** Number of the phase's first batch. */
  from: number;
  /** What the phase needs to continue; plain JSON. */
  state?: unknown;
}

export const leaseSeconds = 10;

/** The columns of `sync_runs` that make a `LeasedRun`. */
export const leasedRunColumns = `id, tenant_id as "tenantId", connector_id as "connectorId", scope, depth, target, apply, trigger, checkpoint, counts,
  attempts, coalesce((breaker->>'approved')::int, 0) as "endingsApproved",
  case when breaker ? 'approved' then coalesce((breaker->'seats'->>'fewer')::int, 0) else 0 end as "seatsApproved",
  case when breaker ? 'approved' then coalesce((breaker->'moved'->>'count')::int, 0) else 0 end as "movesApproved",
  lease_token::int as token, traceparent, attempts > 1 as "startedBefore"`;

const claimable = statusesAllowing('claim')
  .map((status) => `'${status}'`)
  .join(', ');

/** A run that no living worker holds: not started yet, to be continued after a wait, or abandoned by a worker that no longer responds. */
const freeRun = `select id from sync_runs where status in (${claimable}) and (lease_until is null or lease_until < now())`;

/**
 * Takes the run that has been due for longest; undefined if there is none. Workers that claim at the same time get different runs, because
 * each skips what another is taking. With `runId` it takes that one, due or not, unless it has ended or a living worker holds it.
 */
export async function claimRun(pool: Pool, owner: string, runId?: string): Promise<LeasedRun | undefined> {
  const which = runId ? 'and id = $2' : 'and enqueued_at <= now() order by enqueued_at, id';
  const take = () =>
    pool.query<LeasedRun>(
      `update sync_runs set status = 'running', lease_token = lease_token + 1, lease_owner = $1,
       lease_until = now() + make_interval(secs => ${leaseSeconds}), heartbeat_at = now(), waiting = null,
       started_at = coalesce(started_at, now()), attempts = attempts + 1
     where id = (${freeRun} ${which} limit 1 for update skip locked)
     returning ${leasedRunColumns}`,
      runId ? [owner, runId] : [owner],
    );
  const { rows } = await acrossTenants('claim a sync run', take);
  return rows[0];
}

/** Runs that need a worker now or have one, for the metric `isthmus.backlog`. */
export const runBacklog = `sync_runs where status in (${claimable}) and enqueued_at <= now()`;

/** The channel on which workers listen while they are idle. */
export const dueRunsChannel = 'sync_runs_due';

/** Wakes every idle worker when the transaction commits. */
export async function announceDueRun(client: SqlClient): Promise<void> {
  await client.query(`select pg_notify('${dueRunsChannel}', '')`);
}

type Heartbeat = 'held' | 'cancel-requested' | 'lost';

/** Extends the lease and stores the state of the budget; returns whether the run is still ours. */
export async function heartbeat(pool: Pool, run: LeasedRun, budget: unknown): Promise<Heartbeat> {
  const { rows } = await pool.query(
    `update sync_runs set heartbeat_at = now(), lease_until = now() + make_interval(secs => ${leaseSeconds}), budget = $3
     where id = $1 and lease_token = $2 and status = 'running' returning cancel_requested_at is not null as cancel`,
    [run.id, run.token, JSON.stringify(budget ?? null)],
  );
  if (!rows[0]) return 'lost';
  return rows[0].cancel ? 'cancel-requested' : 'held';
}

/**
 * Releases a run that any worker is to continue later, with the reason for the pause; false if it is no longer ours or is to be
 * cancelled. Without a pause it keeps its place before those that became due later, and another worker is woken to continue it.
 */
export async function deferRun(pool: Pool, run: LeasedRun, reason: string, forMs: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update sync_runs set lease_until = now(), waiting = $3,
       enqueued_at = case when $4 > 0 then now() + make_interval(secs => $4 / 1000.0) else enqueued_at end
     where id = $1 and lease_token = $2 and status = 'running' and cancel_requested_at is null`,
    [run.id, run.token, JSON.stringify({ reason, until: new Date(Date.now() + forMs).toISOString() }), forMs],
  );
  if (rowCount === 1 && forMs === 0) await announceDueRun(pool);
  return rowCount === 1;
}

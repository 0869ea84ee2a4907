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
  /** The run of its kind before this one did not succeed. Known only to the worker that claimed it. */
  followsFailure?: boolean;
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
const isFree = `r.status in (${claimable}) and (r.lease_until is null or r.lease_until < now())`;

/** Runs in progress by tenant: of all workers, and of this one. */
const inProgress = `select tenant_id, count(*) as runs, count(*) filter (where lease_owner = $1) as own from sync_runs
  where status = 'running' and lease_until >= now() group by tenant_id`;

/**
 * Whose turn it is: first the tenants with the fewest runs in progress, and among their runs the one that has been due for longest. A
 * tenant whose runs take long would otherwise have all workers in the end: it never gets the last places of a worker, unless no other
 * tenant has an active connector.
 */
const nextInTurn = `select r.id from sync_runs r left join (${inProgress}) busy on busy.tenant_id = r.tenant_id
  where ${isFree} and r.enqueued_at <= now() and (coalesce(busy.own, 0) < $2
    or not exists (select from connectors c where c.tenant_id <> r.tenant_id and c.status = 'active'))
  order by coalesce(busy.runs, 0), r.enqueued_at, r.id limit 1 for update of r skip locked`;

/** The most runs of one tenant that a worker with so many places works on at a time while others may need one. */
export const placesOfTenant = (places: number): number =>
  Math.max(1, places - Math.max(1, Math.floor(places / 4)));

/** @see placesOfTenant */
interface ClaimOptions {
  /** Takes this run, due or not and whoever's turn it is, unless it has ended or a living worker holds it. */
  runId?: string | undefined;
  /** Runs that this worker can work on at a time. */
  places?: number;
}

/**
 * Takes the run whose turn it is; undefined if there is none. Workers that claim at the same time get different runs, because each skips
 * what another is taking.
 */
export async function claimRun(
  pool: Pool,
  owner: string,
  { runId, places = 1_000 }: ClaimOptions = {},
): Promise<LeasedRun | undefined> {
  const which = runId
    ? `select r.id from sync_runs r where ${isFree} and r.id = $2 for update skip locked`
    : nextInTurn;
  const take = () =>
    pool.query<LeasedRun>(
      `update sync_runs set status = 'running', lease_token = lease_token + 1, lease_owner = $1,
       lease_until = now() + make_interval(secs => ${leaseSeconds}), heartbeat_at = now(), waiting = null,
       started_at = coalesce(started_at, now()), attempts = attempts + 1
     where id = (${which})
     returning ${leasedRunColumns}, coalesce((select before.status <> 'succeeded' from sync_runs before
       where before.connector_id = sync_runs.connector_id and before.scope = sync_runs.scope and before.depth = sync_runs.depth
         and before.target = sync_runs.target and before.created_at < sync_runs.created_at
       order by before.created_at desc limit 1), false) as "followsFailure"`,
      [owner, runId ?? placesOfTenant(places)],
    );
  const { rows } = await acrossTenants('claim a sync run', take);
  return rows[0];
}

/** Runs that need a worker now or have one, for the metric `isthmus.backlog`. */
export const runBacklog = `sync_runs where status in (${claimable}) and enqueued_at <= now()`;

/** Runs whose plan a person has to look at, for the metric `isthmus.attention`. */
export const heldRuns = `sync_runs where status = 'awaiting-approval'`;

/**
 * How old the oldest data of a scope is, for the metric `isthmus.age`: since the last run of any active connector that is synced by
 * schedule. One that was never read has no age; its runs fail, or none is due.
 * @param schedules by scope, which of the schedule's settings sync it
 */
export const runAges = (schedules: Readonly<Record<string, readonly string[]>>): string =>
  Object.entries(schedules)
    .map(([scope, settings]) => {
      const scheduled = settings.map((setting) => `(c.schedule ->> '${setting}')::int > 0`).join(' or ');
      return `select '${scope}' as kind, coalesce(max(extract(epoch from now() - r.at)), 0)::int as due
        from connectors c cross join lateral (
          select max(finished_at) as at from sync_runs
          where connector_id = c.connector_id and scope = '${scope}' and status = 'succeeded' and apply and target = '') r
        where c.status = 'active' and (${scheduled})`;
    })
    .join(' union all ');

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

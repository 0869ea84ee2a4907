import { inTransaction } from '@isthmus/service-kit';
import { emitMany, type NewEvent } from '@isthmus/messaging';
import type { Pool } from 'pg';
import { type RunCounts, type RunFailure, type RunStatus, statusesThatMay } from './run.ts';

/** A run as its worker holds it; `token` fences every write. */
export interface HeldRun {
  id: string;
  tenantId: string;
  connectorId: string;
  scope: string;
  depth: string;
  target: string;
  apply: boolean;
  trigger: string;
  /** How many endings a person has approved for this run; 0 when nobody was asked. */
  endingsApproved: number;
  /** The same of seats taken away. */
  seatsApproved: number;
  /** The same of moves to other customers. */
  movesApproved: number;
  checkpoint: RunCheckpoint | null;
  counts: RunCounts;
  attempts: number;
  token: number;
  startedBefore: boolean;
}

export interface RunCheckpoint {
  /** Phases before this one are finished. */
  phase: string;
  /** Number of batches committed so far: also the next batch's number. */
  seq: number;
  /** Number of the phase's first batch. */
  from: number;
  /** What the phase needs to go on, plain JSON. */
  state?: unknown;
}

export const leaseSeconds = 10;

/** The columns of `sync_runs` that make a `HeldRun`. */
export const heldRunColumns = `id, tenant_id as "tenantId", connector_id as "connectorId", scope, depth, target, apply, trigger, checkpoint, counts,
  attempts, coalesce((breaker->>'approved')::int, 0) as "endingsApproved",
  case when breaker ? 'approved' then coalesce((breaker->'seats'->>'fewer')::int, 0) else 0 end as "seatsApproved",
  case when breaker ? 'approved' then coalesce((breaker->'moved'->>'count')::int, 0) else 0 end as "movesApproved", lease_token::int as token, attempts > 1 as "startedBefore"`;

/** Takes the run if it is free; undefined when it is finished, held by a living worker, or not there. */
export async function claimRun(pool: Pool, runId: string, owner: string): Promise<HeldRun | undefined> {
  const { rows } = await pool.query(
    `update sync_runs set status = 'running', lease_token = lease_token + 1, lease_owner = $2,
       lease_until = now() + make_interval(secs => ${leaseSeconds}), heartbeat_at = now(), waiting = null,
       started_at = coalesce(started_at, now()), attempts = attempts + 1
     where id = $1 and status = any($3) and (lease_until is null or lease_until < now())
     returning ${heldRunColumns}`,
    [runId, owner, statusesThatMay('claim')],
  );
  return rows[0] as HeldRun | undefined;
}

export type Heartbeat = 'held' | 'cancel-requested' | 'lost';

/** Extends the lease and stores the budget's state; returns whether the run is still ours. */
export async function heartbeat(pool: Pool, run: HeldRun, budget: unknown): Promise<Heartbeat> {
  const { rows } = await pool.query(
    `update sync_runs set heartbeat_at = now(), lease_until = now() + make_interval(secs => ${leaseSeconds}), budget = $3
     where id = $1 and lease_token = $2 and status = 'running' returning cancel_requested_at is not null as cancel`,
    [run.id, run.token, JSON.stringify(budget ?? null)],
  );
  if (!rows[0]) return 'lost';
  return rows[0].cancel ? 'cancel-requested' : 'held';
}

/** Releases a run that is to be continued later, with the reason for the pause; false when it is no longer ours or is to be cancelled. */
export async function setRunAside(pool: Pool, run: HeldRun, reason: string, forMs: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update sync_runs set lease_until = now(), waiting = $3
     where id = $1 and lease_token = $2 and status = 'running' and cancel_requested_at is null`,
    [run.id, run.token, JSON.stringify({ reason, until: new Date(Date.now() + forMs).toISOString() })],
  );
  return rowCount === 1;
}

export interface HeldReminder {
  /** Why it waits, and what to do. */
  failure: RunFailure;
  /** ISO 8601. */
  since: string;
  /** 1 for the first. */
  reminder: number;
}

/** The events and work items of a service's runs, in its own contracts. */
export interface RunTeller {
  /** The work item that makes a worker take the run. */
  due(run: { id: string; tenantId: string }): NewEvent;
  started(run: HeldRun): NewEvent;
  finished(run: HeldRun, status: RunStatus, counts: RunCounts, failure?: RunFailure): NewEvent;
  /** A reminder that the run still waits for approval. */
  held(run: HeldRun, reminder: HeldReminder): NewEvent;
}

/** Queues again what should be worked on but is not: its worker died, or its work item was lost. Returns how many. */
export function requeueOrphans(pool: Pool, tell: RunTeller): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string; tenant_id: string }>(
      `update sync_runs set enqueued_at = now()
       where id in (
         select id from sync_runs
         where (status = 'running' and lease_until < now() and enqueued_at < now() - interval '3 seconds'
             or status = 'queued' and enqueued_at < now() - interval '30 seconds')
           and (waiting is null or (waiting->>'until')::timestamptz < now())
         for update skip locked)
       returning id, tenant_id`,
    );
    await emitMany(
      client,
      rows.map((row) => tell.due({ id: row.id, tenantId: row.tenant_id })),
    );
    return rows.length;
  });
}

import { Conditions, type TenantRows } from '@isthmus/service-kit';
import type { RunStatus } from './run-lifecycle.ts';
import type { RunBreaker, RunCounts, RunFailure, RunWait } from './run-report.ts';
import { RunNotFound } from './sync.errors.ts';

/** Times are text when read inside a transaction of the ORM. */
type Time = Date | string;

export interface SyncRunRow {
  id: string;
  connectorId: string;
  scope: string;
  depth: string;
  target: string;
  apply: boolean;
  trigger: string;
  requestedBy: string;
  status: RunStatus;
  phase: string | null;
  done: number;
  total: number | null;
  counts: RunCounts;
  complete: boolean | null;
  budget: unknown;
  waiting: RunWait | null;
  failure: RunFailure | null;
  breaker: RunBreaker | null;
  attempts: number;
  phaseStartedAt: Time | null;
  heartbeatAt: Time | null;
  cancelRequestedAt: Time | null;
  createdAt: Time;
  startedAt: Time | null;
  finishedAt: Time | null;
  heldSince: Time | null;
  reminders: number;
  /** The database's clock when the row was read. */
  now: Time;
  /** `createdAt` to the microsecond, for the cursor. */
  place: string;
}

export interface SyncRunFilter {
  connectorId?: string;
  status?: string;
  scope?: string;
}

const select = `
  select r.id, r.connector_id as "connectorId", r.scope, r.depth, r.target, r.apply, r.trigger, r.requested_by as "requestedBy",
    r.status, r.phase, r.done, r.total, r.counts, r.complete, r.budget, r.waiting, r.failure, r.breaker, r.attempts,
    r.phase_started_at as "phaseStartedAt", r.heartbeat_at as "heartbeatAt", r.cancel_requested_at as "cancelRequestedAt",
    r.created_at as "createdAt", r.started_at as "startedAt", r.finished_at as "finishedAt", r.held_since as "heldSince", r.reminders, now(), r.created_at::text as place
  from sync_runs r`;

/** Newest first; one row more than `limit` when there are more. */
export function listSyncRuns(
  rows: TenantRows,
  filter: SyncRunFilter,
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<SyncRunRow[]> {
  const where = new Conditions('r.tenant_id = $1')
    .when(filter.connectorId, (id) => `r.connector_id = ${id}`)
    .when(filter.status, (status) => `r.status = ${status}`)
    .when(filter.scope, (scope) => `r.scope = ${scope}`)
    .after(after, 'r.created_at, r.id', ['timestamptz', 'uuid'], '<');
  const more = where.param(limit + 1);
  return rows.select(
    `${select} where ${where} order by r.created_at desc, r.id desc limit ${more}`,
    where.values,
  );
}

/** @throws RunNotFound */
export async function readSyncRun(rows: TenantRows, id: string): Promise<SyncRunRow> {
  const [row] = await rows.select<SyncRunRow>(`${select} where r.tenant_id = $1 and r.id = $2`, [id]);
  if (!row) throw new RunNotFound(id);
  return row;
}

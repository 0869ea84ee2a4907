import {
  clientOf,
  Conditions,
  inTransaction,
  type ServiceEnv,
  TenantRows,
  TenantStore,
} from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Provider } from '@nestjs/common';
import { Pool } from 'pg';
import { approveRun, cancelRun, endRunsOfConnector, type RunRequest, startRun } from './runs/run-actions.ts';
import type { RunTeller } from './runs/run-lease.ts';
import { droppingRefused, type PlanMirrors, startApplying } from './mirror/apply-plan.ts';
import { RunNotFound } from './runs/run.errors.ts';
import type { RunBreaker, RunCounts, RunFailure, RunRecord, RunStatus, RunWait } from './runs/run.ts';

type After = readonly unknown[] | undefined;

/** A service's runs, for its API: start, cancel, approve, apply, read. */
export class SyncRuns {
  constructor(
    private readonly store: TenantStore,
    private readonly pool: Pool,
    private readonly tell: RunTeller,
    /** How often a run is read for each client that follows it, in milliseconds. */
    readonly lookEveryMs: number,
    /** What a plan of this service can write. */
    private readonly planned: PlanMirrors,
  ) {}

  /** In the transaction of `em`; joins the open run that is just like it. */
  start(em: EntityManager, request: RunRequest): Promise<{ id: string; joined: boolean }> {
    return startRun(clientOf(em), this.tell, request);
  }

  /** @throws RunNotFound, RunActionRefused */
  cancel(tenantId: string, runId: string): Promise<void> {
    return inTransaction(this.pool, (client) => cancelRun(client, this.tell, tenantId, runId));
  }

  /** @throws RunNotFound, RunActionRefused */
  approve(tenantId: string, runId: string, by: string): Promise<void> {
    return approveRun(this.pool, this.tell, tenantId, runId, by);
  }

  /**
   * Starts the run that writes a plan as shown; returns its id.
   * @throws RunNotFound, RunActionRefused, PlanOutdated, ConnectorNotFound, ConnectorPaused
   */
  apply(tenantId: string, planId: string, by: string): Promise<string> {
    const started = inTransaction(this.pool, (client) =>
      startApplying(client, this.tell, this.planned, { tenantId, planId, by }),
    );
    return droppingRefused(this.pool, planId, started);
  }

  /** Ends every open run of a removed connector at once, in the transaction of `em`. */
  endAllOf(em: EntityManager, tenantId: string, connectorId: string): Promise<void> {
    return endRunsOfConnector(clientOf(em), this.tell, tenantId, connectorId);
  }

  /** Newest first; one row more than `limit` when there are more. */
  list(tenantId: string, filter: SyncRunFilter, after: After, limit: number): Promise<SyncRunRow[]> {
    return listSyncRuns(this.store.rows(tenantId), filter, after, limit);
  }

  /** @throws RunNotFound */
  read(tenantId: string, runId: string): Promise<SyncRunRow> {
    return readSyncRun(this.store.rows(tenantId), runId);
  }

  /** As the transaction of `em` sees it. @throws RunNotFound */
  readWithin(em: EntityManager, tenantId: string, runId: string): Promise<SyncRunRow> {
    return readSyncRun(TenantRows.within(em, tenantId), runId);
  }

  /** In the order they were worked on; one row more than `limit` when there are more. */
  records(
    tenantId: string,
    runId: string,
    filter: { result?: string },
    after: After,
    limit: number,
  ): Promise<RunRecordRow[]> {
    return listRunRecords(this.store.rows(tenantId), runId, filter, after, limit);
  }
}

/** Provides `SyncRuns` (and the `TenantStore` it needs) to a service's API. */
export function syncRuns<E extends ServiceEnv>(
  env: new () => E,
  tell: RunTeller,
  lookEveryMs: (env: E) => number,
  planned: PlanMirrors,
): Provider[] {
  const useFactory = (store: TenantStore, pool: Pool, settings: E) =>
    new SyncRuns(store, pool, tell, lookEveryMs(settings), planned);
  return [TenantStore, { provide: SyncRuns, useFactory, inject: [TenantStore, Pool, env] }];
}

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
function listSyncRuns(
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
async function readSyncRun(rows: TenantRows, id: string): Promise<SyncRunRow> {
  const [row] = await rows.select<SyncRunRow>(`${select} where r.tenant_id = $1 and r.id = $2`, [id]);
  if (!row) throw new RunNotFound(id);
  return row;
}

export interface RunRecordRow {
  seq: number;
  /** Place within its batch, from 1. */
  place: number;
  record: RunRecord;
}

/** The records of a run in the order they were worked on; one row more than `limit` when there are more. */
function listRunRecords(
  rows: TenantRows,
  runId: string,
  filter: { result?: string },
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<RunRecordRow[]> {
  const where = new Conditions('r.tenant_id = $1')
    .when(runId, (id) => `r.id = ${id}`)
    .when(filter.result, (result) => `e.record->>'result' = ${result}`)
    .after(after, 'b.seq, e.place', ['int', 'bigint']);
  // Spares the batches before the place from being taken apart.
  if (after) where.and(`b.seq >= ${where.param(after[0])}`);
  const more = where.param(limit + 1);
  return rows.select(
    `select b.seq, e.place::int as place, e.record
     from sync_runs r join sync_run_batches b on b.run_id = r.id
       cross join lateral json_array_elements(b.records) with ordinality as e(record, place)
     where ${where} order by b.seq, e.place limit ${more}`,
    where.values,
  );
}

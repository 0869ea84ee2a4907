import type { EntityManager } from '@mikro-orm/postgresql';
import type { Provider } from '@nestjs/common';
import { clientOf, TenantRows, TenantStore, type ServiceEnv } from '@isthmus/service-kit';
import { Pool } from 'pg';
import { endRunsOf } from './end-runs-of.ts';
import { inTransaction } from './in-transaction.ts';
import { approveRun, cancelRun } from './run-actions.ts';
import { startApplying, type PlanMirrors } from './run-plan.ts';
import { listRunRecords, type RunRecordRow } from './run-records.query.ts';
import type { RunTeller } from './run-teller.ts';
import { listSyncRuns, readSyncRun, type SyncRunFilter, type SyncRunRow } from './runs.query.ts';
import { startRun, type RunRequest } from './start-run.ts';

type After = readonly unknown[] | undefined;

/** A service's runs as people see and steer them. */
export class SyncRuns {
  constructor(
    private readonly store: TenantStore,
    private readonly pool: Pool,
    private readonly tell: RunTeller,
    /** How often a run is looked at for each client that follows it, in milliseconds. */
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
   * Starts the run that writes a plan as shown; answers its id.
   * @throws RunNotFound, RunActionRefused, PlanOutdated, ConnectorNotFound, ConnectorPaused
   */
  apply(tenantId: string, planId: string, by: string): Promise<string> {
    return inTransaction(this.pool, (client) =>
      startApplying(client, this.tell, this.planned, { tenantId, planId, by }),
    );
  }

  /** Ends every open run of a removed connector at once, in the transaction of `em`. */
  endAllOf(em: EntityManager, tenantId: string, connectorId: string): Promise<void> {
    return endRunsOf(clientOf(em), this.tell, tenantId, connectorId);
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

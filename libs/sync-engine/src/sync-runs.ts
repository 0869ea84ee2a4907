import { statementsOf } from '@isthmus/messaging';
import {
  audit,
  clientIn,
  type CursorKey,
  inTenant,
  inTransaction,
  lockTenant,
  type ServiceEnv,
  TenantStore,
} from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Provider } from '@nestjs/common';
import { sql } from 'kysely';
import { Pool } from 'pg';
import { approveRun, cancelRun, endRunsOfConnector, type RunRequest, startRun } from './runs/run-actions.ts';
import type { RunEvents } from './runs/run-events.ts';
import { droppingRefused, type PlanMirrors, startApplying } from './mirror/apply-plan.ts';
import { activeStatuses, RunNotFound, type RunRecord, type RunStatus, TooManyRuns } from './runs/run.ts';
import type { SyncRun, SyncRunBatch } from './tables.ts';

/** A service's runs, for its API: start, cancel, approve, apply, read. */
export class SyncRuns {
  constructor(
    private readonly store: TenantStore,
    private readonly pool: Pool,
    private readonly runEvents: RunEvents,
    /** How often a run is read for each client that follows it, in milliseconds. */
    readonly pollIntervalMs: number,
    /** What a plan of this service can write. */
    private readonly planned: PlanMirrors,
    /** How many open runs of a tenant people may have started. */
    private readonly maxOpen = Infinity,
  ) {}

  /**
   * In the transaction of `em`; joins the open run that is just like it.
   * @throws TooManyRuns
   */
  async start(em: EntityManager, request: RunRequest): Promise<{ id: string; joined: boolean }> {
    const { tenantId, trigger } = request;
    if (trigger !== 'person') return startRun(clientIn(em), request);
    await lockTenant(em, tenantId, 'sync-runs');
    const started = await startRun(clientIn(em), request);
    if (started.joined) return started;
    if ((await countOpenRuns(em, tenantId)) > this.maxOpen) throw new TooManyRuns(this.maxOpen);
    const { connectorId, scope, depth, target, apply } = request;
    const after = { connectorId, scope, depth, target, apply };
    await audit(em, { tenantId, action: 'sync-run.start', thing: ['sync-run', started.id], after });
    return started;
  }

  /** @throws RunNotFound, RunActionRefused */
  cancel(tenantId: string, runId: string): Promise<void> {
    return inTenant(tenantId, () =>
      inTransaction(this.pool, async (client) => {
        await cancelRun(client, this.runEvents, tenantId, runId);
        await audit(client, { tenantId, action: 'sync-run.cancel', thing: ['sync-run', runId] });
      }),
    );
  }

  /** @throws RunNotFound, RunActionRefused */
  approve(tenantId: string, runId: string, by: string): Promise<void> {
    return inTenant(tenantId, () => approveRun(this.pool, tenantId, runId, by));
  }

  /**
   * Starts the run that writes a plan as shown; returns its id.
   * @throws RunNotFound, RunActionRefused, PlanOutdated, ConnectorNotFound, ConnectorPaused
   */
  apply(tenantId: string, planId: string, by: string): Promise<string> {
    return inTenant(tenantId, () => {
      const started = inTransaction(this.pool, (client) =>
        startApplying(client, this.planned, { tenantId, planId, by }),
      );
      return droppingRefused(this.pool, planId, started);
    });
  }

  /** Ends every open run of a removed connector at once, in the transaction of `em`. */
  endAllOf(em: EntityManager, tenantId: string, connectorId: string): Promise<void> {
    return endRunsOfConnector(clientIn(em), this.runEvents, tenantId, connectorId);
  }

  /** Newest first; one row more than `limit` if there are more. */
  list(tenantId: string, filter: SyncRunFilter, after: CursorKey | undefined, limit: number) {
    return this.store.read(tenantId, (em) => listSyncRuns(em, tenantId, filter, after, limit));
  }

  /** @throws RunNotFound */
  read(tenantId: string, runId: string): Promise<SyncRunRow> {
    return this.store.read(tenantId, (em) => readSyncRun(em, tenantId, runId));
  }

  /** As the transaction of `em` sees it. @throws RunNotFound */
  readWithin(em: EntityManager, tenantId: string, runId: string): Promise<SyncRunRow> {
    return readSyncRun(em, tenantId, runId);
  }

  /** In the order in which they were processed; one row more than `limit` if there are more. */
  records(
    tenantId: string,
    runId: string,
    filter: { result?: string },
    after: CursorKey | undefined,
    limit: number,
  ) {
    return this.store.read(tenantId, (em) => listRunRecords(em, tenantId, runId, filter, after, limit));
  }
}

/** Provides `SyncRuns` (and the `TenantStore` it needs) to a service's API. */
export function syncRuns<E extends ServiceEnv & { PROGRESS_POLL_MS: number; RUNS_PER_TENANT: number }>(
  env: new () => E,
  runEvents: RunEvents,
  planned: PlanMirrors,
): Provider[] {
  const useFactory = (store: TenantStore, pool: Pool, settings: E) =>
    new SyncRuns(store, pool, runEvents, settings.PROGRESS_POLL_MS, planned, settings.RUNS_PER_TENANT);
  return [TenantStore, { provide: SyncRuns, useFactory, inject: [TenantStore, Pool, env] }];
}

export interface SyncRunFilter {
  connectorId?: string;
  status?: RunStatus;
  scope?: string;
  trigger?: string;
  /** Requested at or after, and before. */
  from?: string;
  to?: string;
}

/** A run as people see it. */
export type SyncRunRow = Awaited<ReturnType<typeof readSyncRun>>;

const statements = statementsOf<typeof SyncRun | typeof SyncRunBatch>();

const selectRuns = (em: EntityManager, tenantId: string) =>
  statements(em)
    .selectFrom('SyncRun as r')
    .select([
      'r.id',
      'r.connectorId',
      'r.scope',
      'r.depth',
      'r.target',
      'r.apply',
      'r.trigger',
      'r.requestedBy',
      'r.status',
      'r.phase',
      'r.done',
      'r.total',
      'r.counts',
      'r.complete',
      'r.budget',
      'r.waiting',
      'r.failure',
      'r.breaker',
      'r.attempts',
      'r.phaseStartedAt',
      'r.heartbeatAt',
      'r.cancelRequestedAt',
      'r.createdAt',
      'r.startedAt',
      'r.finishedAt',
      'r.heldSince',
      'r.reminders',
    ])
    // The database's clock when the row was read, and the creation time to the microsecond, for the cursor.
    .select([sql<string>`now()`.as('now'), sql<string>`r.created_at::text`.as('cursorTime')])
    .where('r.tenantId', '=', tenantId);

/** Those that people started and that are queued or running. */
const countOpenRuns = async (em: EntityManager, tenantId: string): Promise<number> => {
  const { open } = await statements(em)
    .selectFrom('SyncRun as r')
    .select(sql<number>`count(*)::int`.as('open'))
    .where('r.tenantId', '=', tenantId)
    .where('r.trigger', '=', 'person')
    .where('r.status', 'in', [...activeStatuses])
    .executeTakeFirstOrThrow();
  return open;
};

/** Newest first; one row more than `limit` when there are more. */
const listSyncRuns = (
  em: EntityManager,
  tenantId: string,
  filter: SyncRunFilter,
  after: CursorKey | undefined,
  limit: number,
) =>
  selectRuns(em, tenantId)
    .$if(filter.connectorId !== undefined, (query) => query.where('r.connectorId', '=', filter.connectorId!))
    .$if(filter.status !== undefined, (query) => query.where('r.status', '=', filter.status!))
    .$if(filter.scope !== undefined, (query) => query.where('r.scope', '=', filter.scope!))
    .$if(filter.trigger !== undefined, (query) => query.where('r.trigger', '=', filter.trigger!))
    .$if(filter.from !== undefined, (query) => query.where('r.createdAt', '>=', new Date(filter.from!)))
    .$if(filter.to !== undefined, (query) => query.where('r.createdAt', '<', new Date(filter.to!)))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(r.created_at, r.id) < (${after![0]}::timestamptz, ${after![1]}::uuid)`),
    )
    .orderBy('r.createdAt', 'desc')
    .orderBy('r.id', 'desc')
    .limit(limit + 1)
    .execute();

/** @throws RunNotFound */
async function readSyncRun(em: EntityManager, tenantId: string, id: string) {
  const run = await selectRuns(em, tenantId).where('r.id', '=', id).executeTakeFirst();
  if (!run) throw new RunNotFound(id);
  return run;
}

/** The records of a run, taken out of their batches, in the order in which they were processed; one more than `limit` if there are more. */
const listRunRecords = (
  em: EntityManager,
  tenantId: string,
  runId: string,
  { result }: { result?: string },
  after: CursorKey | undefined,
  limit: number,
) =>
  statements(em)
    .selectFrom('SyncRun as r')
    .innerJoin('SyncRunBatch as b', 'b.runId', 'r.id')
    .crossJoinLateral(
      sql<{ record: RunRecord; place: number }>`json_array_elements(b.records) with ordinality`.as<'e'>(
        sql`e(record, place)`,
      ),
    )
    .select(['b.seq', 'e.record', sql<number>`e.place::int`.as('place')])
    .where('r.tenantId', '=', tenantId)
    .where('r.id', '=', runId)
    .$if(result !== undefined, (query) => query.where(sql<boolean>`e.record->>'result' = ${result}`))
    .$if(after !== undefined, (query) =>
      query
        .where(sql<boolean>`(b.seq, e.place) > (${after![0]}::int, ${after![1]}::bigint)`)
        // So that the batches before this place are not taken apart.
        .where(sql<boolean>`b.seq >= ${after![0]}::int`),
    )
    .orderBy('b.seq')
    .orderBy('e.place')
    .limit(limit + 1)
    .execute();

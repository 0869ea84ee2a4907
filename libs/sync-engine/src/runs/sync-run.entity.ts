import { defineEntity, p } from '@mikro-orm/core';
import {
  activeStatuses,
  type PlanRow,
  type RunBreaker,
  type RunCounts,
  type RunFailure,
  runLifecycle,
  type RunRecord,
  type RunStatus,
  type RunWait,
} from './run.ts';

const runSchema = defineEntity({
  name: 'SyncRun',
  tableName: 'sync_runs',
  indexes: [
    {
      name: 'sync_runs_open',
      expression: `create unique index sync_runs_open on sync_runs (tenant_id, connector_id, scope, depth, target, apply)
        where status in (${activeStatuses.map((status) => `'${status}'`).join(', ')})`,
    },
    {
      name: 'sync_runs_by_time',
      expression: `create index sync_runs_by_time on sync_runs (tenant_id, created_at desc, id desc)`,
    },
    {
      name: 'sync_runs_by_connector',
      expression: `create index sync_runs_by_connector on sync_runs (connector_id, scope, depth, created_at desc)`,
    },
    {
      name: 'sync_runs_held',
      expression: `create index sync_runs_held on sync_runs (connector_id) where status = 'awaiting-approval'`,
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    /** What is read: `accounts`, `subscriptions`, `orders`, `products` … */
    scope: p.text(),
    /** How much of it: `incremental`, `full`, `scrub`. */
    depth: p.text(),
    /** Narrows the scope, e.g. `provider-account:<id>`; empty for all. */
    target: p.text().default(''),
    /** `false` only plans: the records say what would change, and nothing is written. */
    apply: p.boolean().default(true),
    trigger: p.text(),
    requestedBy: p.text(),
    status: p.enum(Object.keys(runLifecycle) as RunStatus[]),
    phase: p.text().nullable(),
    checkpoint: p.json<unknown>().nullable(),
    counts: p.json<RunCounts>(),
    done: p.integer().default(0),
    total: p.integer().nullable(),
    phaseStartedAt: p.datetime().nullable(),
    /** Whether every listing of the run was read to its end and added up. */
    complete: p.boolean().nullable(),
    failure: p.json<RunFailure>().nullable(),
    waiting: p.json<RunWait>().nullable(),
    /** State of the call budget as last seen by the worker. */
    budget: p.json<unknown>().nullable(),
    attempts: p.integer().default(0),
    /** Set when the breaker opened: what the run would end, and what of it a person has approved. */
    breaker: p.json<RunBreaker>().nullable(),
    /** Fencing token, and the version of the run's events: grows with every claim and every decision; a write with an older one is refused. */
    leaseToken: p.bigint('number').default(0),
    leaseOwner: p.text().nullable(),
    leaseUntil: p.datetime().nullable(),
    heartbeatAt: p.datetime().nullable(),
    cancelRequestedAt: p.datetime().nullable(),
    /** Since when the same danger waits for a person; kept when a later plan takes the place of this one. */
    heldSince: p.datetime().nullable(),
    remindedAt: p.datetime().nullable(),
    reminders: p.integer().default(0),
    enqueuedAt: p.datetime(),
    createdAt: p.datetime(),
    startedAt: p.datetime().nullable(),
    finishedAt: p.datetime().nullable(),
  },
});

/** One background reading of CMP: what was asked, how far it is, what came of it. */
export class SyncRun extends runSchema.class {}
runSchema.setClass(SyncRun);

const batchSchema = defineEntity({
  name: 'SyncRunBatch',
  tableName: 'sync_run_batches',
  properties: {
    runId: p.uuid().primary(),
    seq: p.integer().primary(),
    // json and not jsonb: a batch is written once and searched by nothing, so it is stored as it was sent.
    records: p.json<RunRecord[]>().columnType('json'),
  },
});

/** The per-record results of one committed batch: one row per batch, as a row per record would double the cost of a sync. */
export class SyncRunBatch extends batchSchema.class {}
batchSchema.setClass(SyncRunBatch);

const planSchema = defineEntity({
  name: 'SyncPlanBatch',
  tableName: 'sync_plan_batches',
  properties: {
    runId: p.uuid().primary(),
    seq: p.integer().primary(),
    rows: p.json<PlanRow[]>().columnType('json'),
  },
});

/** What a plan has read of CMP and would write, batch by batch: applied, it is written as it was shown. */
export class SyncPlanBatch extends planSchema.class {}
planSchema.setClass(SyncPlanBatch);

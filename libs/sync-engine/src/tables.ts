import { addTenantSql, tenantOfTransaction, tenantPolicySql } from '@isthmus/service-kit';
import { defineEntity, p } from '@mikro-orm/core';
import { Connector } from './connectors/connectors.ts';
import {
  activeStatuses,
  openStatuses,
  type PlanRow,
  type RunBreaker,
  type RunCounts,
  type RunFailure,
  runLifecycle,
  type RunRecord,
  type RunStatus,
  type RunWait,
} from './runs/run.ts';

const quoted = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

/** One background reading of CMP: what was requested, its progress and its result. */
export const SyncRun = defineEntity({
  name: 'SyncRun',
  tableName: 'sync_runs',
  indexes: [
    {
      name: 'sync_runs_open',
      expression: `create unique index sync_runs_open on sync_runs (tenant_id, connector_id, scope, depth, target, apply)
        where status in (${quoted(activeStatuses)})`,
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
      name: 'sync_runs_due',
      expression: `create index sync_runs_due on sync_runs (enqueued_at, id)
        where status in (${quoted(activeStatuses)})`,
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
    /** How thoroughly: `incremental`, `full`, `scrub`. */
    depth: p.text(),
    /** Narrows the scope, e.g. `provider-account:<id>`; empty for everything. */
    target: p.text().default(''),
    /** `false`: only plan. The records say what would change, and nothing is written. */
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
    /** Whether every listing of the run was read to its end and its totals matched. */
    complete: p.boolean().nullable(),
    failure: p.json<RunFailure>().nullable(),
    waiting: p.json<RunWait>().nullable(),
    /** The state of the call budget as the worker last saw it. */
    budget: p.json<unknown>().nullable(),
    attempts: p.integer().default(0),
    /** Set when the breaker opened: what the run would end, and how much of it a person has approved. */
    breaker: p.json<RunBreaker>().nullable(),
    /** Fencing token, and the version of the run's events: grows with every claim and every decision; a write with an older one is refused. */
    leaseToken: p.bigint('number').default(0),
    leaseOwner: p.text().nullable(),
    leaseUntil: p.datetime().nullable(),
    heartbeatAt: p.datetime().nullable(),
    cancelRequestedAt: p.datetime().nullable(),
    /** Since when the same danger has been waiting for a person; carried over when a later plan replaces this one. */
    heldSince: p.datetime().nullable(),
    remindedAt: p.datetime().nullable(),
    reminders: p.integer().default(0),
    /** Since when a worker may take it; while it pauses, from when on. */
    enqueuedAt: p.datetime(),
    /** W3C trace context of the request for it: what a worker does for the run belongs to that trace. */
    traceparent: p.text().nullable(),
    createdAt: p.datetime(),
    startedAt: p.datetime().nullable(),
    finishedAt: p.datetime().nullable(),
  },
});

/** The per-record results of one committed batch: one row per batch, as a row per record would double the cost of a sync. */
export const SyncRunBatch = defineEntity({
  name: 'SyncRunBatch',
  tableName: 'sync_run_batches',
  properties: {
    runId: p.uuid().primary(),
    seq: p.integer().primary(),
    tenantId: tenantOfTransaction(),
    // json and not jsonb: a batch is written once and never searched, so it is stored as it was sent.
    records: p.json<RunRecord[]>().columnType('json'),
  },
});

/** What a plan has read of CMP and would write, batch by batch. Applying the plan writes it as it was shown. */
export const SyncPlanBatch = defineEntity({
  name: 'SyncPlanBatch',
  tableName: 'sync_plan_batches',
  properties: {
    runId: p.uuid().primary(),
    seq: p.integer().primary(),
    tenantId: tenantOfTransaction(),
    rows: p.json<PlanRow[]>().columnType('json'),
  },
});

/** The entities that a service with sync runs lists among its own. */
export const syncTables = [Connector, SyncRun, SyncRunBatch, SyncPlanBatch];

/** What a service stores of connectors; for its first migration. */
export const connectorMigrationSql: readonly string[] = [
  `create table connectors (
    connector_id uuid primary key,
    tenant_id uuid not null,
    name text not null,
    currency text not null,
    status text not null check (status in ('active', 'paused', 'removed')),
    paused jsonb,
    schedule jsonb not null,
    version int not null
  )`,
  'create index connectors_tenant on connectors (tenant_id)',
];

/** For a later migration of a service whose first one had connectors without their country. */
export const connectorCountrySql: readonly string[] = [
  `alter table connectors add column country text not null default ''`,
];

/** For a later migration: a connector may be restored after its removal. */
export const connectorRestoredSql: readonly string[] = [
  `alter table connectors add column restored_at timestamptz`,
];

/** For a service's first migration. */
export const syncMigrationSql: readonly string[] = [
  `create table sync_runs (
    id uuid primary key,
    tenant_id uuid not null,
    connector_id uuid not null,
    scope text not null,
    depth text not null,
    target text not null default '',
    apply boolean not null default true,
    trigger text not null,
    requested_by text not null,
    status text not null check (status in (${quoted(Object.keys(runLifecycle))})),
    phase text,
    checkpoint jsonb,
    counts jsonb not null,
    done int not null default 0,
    total int,
    phase_started_at timestamptz,
    complete boolean,
    failure jsonb,
    waiting jsonb,
    budget jsonb,
    attempts int not null default 0,
    breaker jsonb,
    lease_token bigint not null default 0,
    lease_owner text,
    lease_until timestamptz,
    heartbeat_at timestamptz,
    cancel_requested_at timestamptz,
    enqueued_at timestamptz not null,
    created_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz
  )`,
  `create unique index sync_runs_open on sync_runs (tenant_id, connector_id, scope, depth, target, apply)
    where status in (${quoted(openStatuses)})`,
  'create index sync_runs_by_time on sync_runs (tenant_id, created_at desc, id desc)',
  'create index sync_runs_by_connector on sync_runs (connector_id, scope, depth, created_at desc)',
  'create table sync_run_batches (run_id uuid not null, seq int not null, records json not null, primary key (run_id, seq))',
  // Unlogged: lost only if PostgreSQL itself crashes, which the count in the checkpoint then reveals.
  'create unlogged table sync_seen (run_id uuid not null, seq int not null, ids uuid[] not null, primary key (run_id, seq))',
];

/**
 * For a later migration of a service: a run that waits for approval no longer blocks others of its kind, people are reminded of it, and
 * what a plan has read is stored so that it can be applied as shown.
 */
export const syncPlansSql: readonly string[] = [
  'drop index sync_runs_open',
  `create unique index sync_runs_open on sync_runs (tenant_id, connector_id, scope, depth, target, apply)
    where status in (${quoted(activeStatuses)})`,
  'alter table sync_runs add column held_since timestamptz, add column reminded_at timestamptz, add column reminders int not null default 0',
  `update sync_runs set held_since = coalesce(heartbeat_at, created_at) where status = 'awaiting-approval'`,
  `create index sync_runs_held on sync_runs (connector_id) where status = 'awaiting-approval'`,
  'create table sync_plan_batches (run_id uuid not null, seq int not null, rows json not null, primary key (run_id, seq))',
];

/** For a later migration: workers claim runs by themselves, in the order in which they are due, and work in the trace of the request. */
export const syncClaimsSql: readonly string[] = [
  'alter table sync_runs add column traceparent text',
  `create index sync_runs_due on sync_runs (enqueued_at, id) where status in (${quoted(activeStatuses)})`,
];

/** For a later migration: what CMP last sent for each row of a mirror with a `mapping`. */
export const listedDigestsSql = (table: string): string =>
  `alter table ${table} add column listed_digest uuid, add column listed_hash uuid`;

const runTables = ['sync_run_batches', 'sync_plan_batches', 'sync_seen'];

/** For a later migration: PostgreSQL itself keeps tenants apart, also in what belongs to their runs. */
export const syncPoliciesSql: readonly string[] = [
  ...tenantPolicySql('sync_runs', 'connectors'),
  ...runTables.flatMap((table) => addTenantSql(table, 'sync_runs', 'run_id')),
];

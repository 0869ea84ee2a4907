import { Connector } from './connectors/connector.entity.ts';
import { SyncPlanBatch, SyncRun, SyncRunBatch } from './runs/sync-run.entity.ts';
import { activeStatuses, openStatuses, runLifecycle } from './runs/run.ts';

const quoted = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

/** Entities a service with sync runs lists among its own. */
export const syncTables = [Connector, SyncRun, SyncRunBatch, SyncPlanBatch];

/** What a service keeps of connectors; for its first migration. */
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

/** For a later migration: a connector may be taken up again after its removal. */
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
  // Unlogged: lost only with a crash of PostgreSQL itself, which the count in the checkpoint then reveals.
  'create unlogged table sync_seen (run_id uuid not null, seq int not null, ids uuid[] not null, primary key (run_id, seq))',
];

/**
 * For a later migration of a service: a run that waits for approval no longer stands in the way of others of its kind, people are reminded
 * of it, and what a plan has read is kept so that it can be applied as shown.
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

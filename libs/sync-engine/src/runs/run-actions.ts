import { acrossTenants, audit, inTransaction, jobActor } from '@isthmus/service-kit';
import { randomUUID } from 'node:crypto';
import { activeTraceparent, emitMany, type SqlClient } from '@isthmus/messaging';
import type { Pool } from 'pg';
import type { RunEvents } from './run-events.ts';
import { announceDueRun, dueRunsChannel, type LeasedRun, leasedRunColumns } from './run-lease.ts';
import {
  activeStatuses,
  noCounts,
  openStatuses,
  type RunAction,
  RunActionRefused,
  type RunFailure,
  RunNotFound,
  type RunStatus,
  statusesAllowing,
} from './run.ts';

export interface RunRequest {
  tenantId: string;
  connectorId: string;
  scope: string;
  depth: string;
  /** Narrows the scope; empty for all. */
  target?: string;
  apply?: boolean;
  trigger: 'person' | 'schedule' | 'event';
  requestedBy: string;
}

/** Starts a run in the caller's transaction, or joins an identical one that is in progress. */
export async function startRun(
  client: SqlClient,
  request: RunRequest,
): Promise<{ id: string; joined: boolean }> {
  const { tenantId, connectorId, scope, depth, target = '', apply = true } = request;
  const key = [tenantId, connectorId, scope, depth, target, apply];
  const id = randomUUID();
  const started = await client.query(
    `insert into sync_runs (id, tenant_id, connector_id, scope, depth, target, apply, trigger, requested_by, status, counts,
       traceparent, enqueued_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', $10, $11, now(), now())
     on conflict (tenant_id, connector_id, scope, depth, target, apply) where status in ('queued', 'running')
     do nothing`,
    [id, ...key, request.trigger, request.requestedBy, JSON.stringify(noCounts()), activeTraceparent()],
  );
  if (started.rowCount) {
    await announceDueRun(client);
    return { id, joined: false };
  }
  const open = await client.query<{ id: string }>(
    `select id from sync_runs where tenant_id = $1 and connector_id = $2 and scope = $3 and depth = $4 and target = $5
       and apply = $6 and status = any($7)`,
    [...key, activeStatuses],
  );
  // The open one may have finished between the two statements: then a new one is needed after all.
  return open.rows[0] ? { id: open.rows[0].id, joined: true } : startRun(client, request);
}

/** A run that is due according to a schedule. */
export interface DueRun {
  tenantId: string;
  connectorId: string;
  scope: string;
  depth: string;
}

/** Starts the runs of a schedule, all in one statement; those that another worker has started meanwhile are left out. */
export async function startDueRuns(pool: Pool, due: readonly DueRun[]): Promise<void> {
  const start = () =>
    pool.query(
      `with started as (
         insert into sync_runs (id, tenant_id, connector_id, scope, depth, trigger, requested_by, status, counts, traceparent,
           enqueued_at, created_at)
         select gen_random_uuid(), tenant, connector, scope, depth, 'schedule', 'schedule', 'queued', $5, $6, now(), now()
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as d(tenant, connector, scope, depth)
         on conflict (tenant_id, connector_id, scope, depth, target, apply) where status in ('queued', 'running')
         do nothing returning id)
       select pg_notify('${dueRunsChannel}', '') from started limit 1`,
      [
        due.map(({ tenantId }) => tenantId),
        due.map(({ connectorId }) => connectorId),
        due.map(({ scope }) => scope),
        due.map(({ depth }) => depth),
        JSON.stringify(noCounts()),
        activeTraceparent(),
      ],
    );
  await acrossTenants('start runs that are due', start);
}

/**
 * Ends a run immediately, with its event, if no worker is working on it, even if it is waiting for its next attempt. A run that
 * is being worked on ends with its next batch. In the caller's transaction.
 */
export async function cancelRun(
  client: SqlClient,
  runEvents: RunEvents,
  tenantId: string,
  runId: string,
): Promise<void> {
  const { rows } = await client.query<LeasedRun & { status: RunStatus }>(
    `update sync_runs r set cancel_requested_at = coalesce(r.cancel_requested_at, now()),
       finished_at = case when worked then null else now() end, waiting = case when worked then r.waiting end,
       status = case when worked then r.status else 'cancelled' end,
       lease_token = case when worked then r.lease_token else r.lease_token + 1 end
     from (select id as found, status = 'running' and coalesce(lease_until > now(), false) as worked
       from sync_runs where id = $1 and tenant_id = $2 for update) as f
     where r.id = f.found and r.status = any($3)
     returning r.status, ${leasedRunColumns}`,
    [runId, tenantId, statusesAllowing('cancel')],
  );
  const run = rows[0];
  if (!run) return refuse(client, tenantId, runId, 'cancel');
  if (run.status !== 'cancelled') return;
  await client.query('delete from sync_seen where run_id = $1', [runId]);
  await dropPlans(client, [runId]);
  await emitMany(client, [runEvents.finished(run, run.status, run.counts)]);
}

/**
 * Approves a held run: it starts over, with permission to end and move as many records, and to remove as many seats, as its plan
 * contained.
 */
export async function approveRun(pool: Pool, tenantId: string, runId: string, by: string): Promise<void> {
  const done = await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ approved: object }>(
      `update sync_runs set status = 'queued', checkpoint = null, counts = $4, failure = null, lease_until = null, attempts = 0,
         breaker = breaker || jsonb_build_object('approved', breaker->'end', 'approvedBy', $3::text), enqueued_at = now(), traceparent = $5,
         held_since = null, reminded_at = null, reminders = 0
       where id = $1 and tenant_id = $2 and status = 'awaiting-approval' returning breaker->'end' as approved`,
      [runId, tenantId, by, JSON.stringify(noCounts()), activeTraceparent()],
    );
    if (!rows[0]) return false;
    const after = { approved: rows[0].approved };
    await audit(client, {
      ...{ tenantId, action: 'sync-run.approve', thing: ['sync-run', runId], after },
      by: jobActor(by),
    });
    await client.query('delete from sync_run_batches where run_id = $1', [runId]);
    await announceDueRun(client);
    return true;
  }).catch((error: unknown) => {
    if (isAnotherOpen(error)) throw anotherOpen(runId);
    throw error;
  });
  if (!done) await refuse(pool, tenantId, runId, 'approve');
}

const isAnotherOpen = (error: unknown): boolean =>
  (error as { constraint?: string } | undefined)?.constraint === 'sync_runs_open';

const anotherOpen = (runId: string) =>
  new RunActionRefused(
    runId,
    'awaiting-approval',
    'approve',
    'Wait until that run has ended. If it exceeds the limits too, it supersedes this plan; otherwise approve this plan then.',
    `Sync run ${runId} cannot start over now: another run of its kind is in progress.`,
  );

interface Refused {
  status: RunStatus;
  apply: boolean;
  failure: RunFailure | null;
}

/** @throws RunActionRefused with what to do instead; RunNotFound */
export async function refuse(
  on: SqlClient,
  tenantId: string,
  runId: string,
  action: RunAction | 'apply',
): Promise<never> {
  const { rows } = await on.query<Refused>(
    'select status, apply, failure from sync_runs where id = $1 and tenant_id = $2',
    [runId, tenantId],
  );
  if (!rows[0]) throw new RunNotFound(runId);
  const { status } = rows[0];
  throw new RunActionRefused(
    runId,
    status,
    action,
    nextStepFor(rows[0], action),
    whyNot(runId, rows[0], action),
  );
}

function whyNot(runId: string, { status, apply }: Refused, action: string): string | undefined {
  if (action === 'approve' && !apply) return `Sync run ${runId} is a plan; it waits for no approval.`;
  if (action === 'approve' && status !== 'cancelled' && status !== 'failed')
    return `Sync run ${runId} is ${status} and needs no approval.`;
  if (action === 'apply' && apply)
    return `Sync run ${runId} is not a plan: it has already written its changes.`;
  if (action === 'apply' && (status === 'queued' || status === 'running'))
    return `Plan ${runId} is ${status}; it cannot be applied yet.`;
  return undefined;
}

function nextStepFor({ status, apply, failure }: Refused, action: string): string {
  if (failure?.code === 'sync-run.superseded') return failure.nextStep;
  if (status === 'queued' || status === 'running')
    return apply && action !== 'apply'
      ? 'Follow the run; it stops and asks when something needs approval.'
      : 'Wait until the plan is ready.';
  if (status === 'awaiting-approval') return 'See its records, then approve or cancel it.';
  if (status !== 'succeeded') return 'Start a new run.';
  if (!apply) return 'See its records; POST …/apply writes the plan as shown.';
  return 'There is nothing to do; its records show the result.';
}

const connectorRemoved: RunFailure = {
  code: 'connector.removed',
  detail: 'The connector was removed.',
  nextStep: 'Create the connector again if its account should be synced.',
};

/**
 * Ends every open run of a removed connector immediately, with its event, in the caller's transaction. A worker that is working
 * on one thereby loses its lease and writes nothing more.
 */
export async function endRunsOfConnector(
  client: SqlClient,
  runEvents: RunEvents,
  tenantId: string,
  connectorId: string,
): Promise<void> {
  const { rows } = await client.query<LeasedRun>(
    `update sync_runs set status = 'cancelled', cancel_requested_at = coalesce(cancel_requested_at, now()), finished_at = now(),
       failure = $4, waiting = null, lease_until = null, lease_token = lease_token + 1
     where tenant_id = $1 and connector_id = $2 and status = any($3)
     returning ${leasedRunColumns}`,
    [tenantId, connectorId, openStatuses, JSON.stringify(connectorRemoved)],
  );
  const ids = rows.map(({ id }) => id);
  await client.query('delete from sync_seen where run_id = any($1)', [ids]);
  await dropPlans(client, ids);
  await emitMany(
    client,
    rows.map((run) => runEvents.finished(run, 'cancelled', run.counts, connectorRemoved)),
  );
}

/** Deletes what plans have read once they were applied or can no longer be applied; their records stay. */
export const dropPlans = (client: SqlClient, planIds: readonly string[]) =>
  client.query('delete from sync_plan_batches where run_id = any($1)', [planIds]);

/**
 * Deletes what was read by plans that ended more than `days` days ago, except a plan that is being applied. Returns the number of
 * deleted batches.
 */
export async function dropOldPlans(pool: Pool, days: number): Promise<number> {
  const drop = () =>
    pool.query(
      `delete from sync_plan_batches b using sync_runs r
     where r.id = b.run_id and r.finished_at < now() - make_interval(days => $1)
       and not exists (select from sync_runs a where a.tenant_id = r.tenant_id and a.connector_id = r.connector_id
         and a.target = 'plan:' || r.id and a.status = any($2))`,
      [days, activeStatuses],
    );
  const { rowCount } = await acrossTenants('delete old plans', drop);
  return rowCount ?? 0;
}

/** Found nothing, and was requested by nobody. */
const idleRun = `r.trigger = 'schedule' and r.status = 'succeeded' and r.apply
  and ${['appeared', 'changed', 'ended', 'setAside', 'failed'].map((name) => `coalesce((r.counts ->> '${name}')::int, 0) = 0`).join(' and ')}`;

/** A run that tells how fresh the data of its kind is. */
const freshest = (alias: string): string =>
  `${alias}.status = 'succeeded' and ${alias}.apply and ${alias}.target = '' and ${alias}.complete is not false`;

const runsPerDelete = 5_000;

/**
 * Deletes runs that ended so many days ago, with their records, and `idle` ones earlier. The last one of each kind that read everything
 * stays, however old it is: it tells how fresh the data is. Returns whether there is more to delete.
 */
export async function dropOldRuns(pool: Pool, days: { all: number; idle: number }): Promise<boolean> {
  const drop = () =>
    pool.query(
      `with gone as (
         delete from sync_runs where id in (
           select r.id from sync_runs r
           where (r.finished_at < now() - make_interval(secs => $1::float8 * 86400)
               or (r.finished_at < now() - make_interval(secs => $2::float8 * 86400) and ${idleRun}))
             and not (${freshest('r')} and not exists (
               select from sync_runs later where later.connector_id = r.connector_id and later.scope = r.scope
                 and later.depth = r.depth and later.created_at > r.created_at and ${freshest('later')}))
           limit $3)
         returning id),
       records as (delete from sync_run_batches where run_id in (select id from gone)),
       plans as (delete from sync_plan_batches where run_id in (select id from gone))
       select from gone`,
      [days.all, days.idle, runsPerDelete],
    );
  const { rowCount } = await acrossTenants('delete old sync runs', drop);
  return rowCount === runsPerDelete;
}

interface Due extends LeasedRun {
  failure: RunFailure | null;
  since: Date;
  reminder: number;
}

/** Emits a reminder, every `everyHours` hours, for each run that still waits for approval; 0 means never. Returns how many. */
export async function sendHeldRunReminders(
  pool: Pool,
  runEvents: RunEvents,
  everyHours: number,
): Promise<number> {
  if (everyHours === 0) return 0;
  const send = async (client: SqlClient) => {
    const { rows } = await client.query<Due>(
      `update sync_runs set reminders = reminders + 1, reminded_at = now(), lease_token = lease_token + 1
       where id in (
         select id from sync_runs
         where status = 'awaiting-approval'
           and coalesce(reminded_at, held_since) <= now() - make_interval(secs => $1::float8 * 3600)
         for update skip locked)
       returning ${leasedRunColumns}, failure, held_since as since, reminders as reminder`,
      [everyHours],
    );
    await emitMany(
      client,
      rows.map((run) =>
        runEvents.held(run, { ...heldFailure(run), since: run.since.toISOString(), reminder: run.reminder }),
      ),
    );
    return rows.length;
  };
  return acrossTenants('remind of held runs', () => inTransaction(pool, send));
}

const heldFailure = ({ id, failure }: Due): { failure: RunFailure } => ({
  failure: failure ?? {
    code: 'sync-run.approval-needed',
    detail: `Sync run ${id} waits for approval.`,
    nextStep: 'See the records of this run, then approve it or cancel it.',
  },
});

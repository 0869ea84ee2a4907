import { counter, inTenant, inTransaction } from '@isthmus/service-kit';
import { countingCalls, type OpenedCmp } from '@isthmus/cmp-connections';
import { emitMany } from '@isthmus/messaging';
import { trace } from '@opentelemetry/api';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool, PoolClient } from 'pg';
import { dropPlans } from './run-actions.ts';
import { RunContext } from './run-context.ts';
import { decideFailure, type FailureDecision } from './run-failure.ts';
import type { RunEvents } from './run-events.ts';
import { heartbeat, type LeasedRun, leasedRunColumns, deferRun } from './run-lease.ts';
import {
  type BreakerLimits,
  LeaseLost,
  type RunBreaker,
  RunCancelled,
  type RunCounts,
  type RunFailure,
  type RunStatus,
  WorkerStopping,
} from './run.ts';

export interface Phase {
  name: string;
  run(context: RunContext): Promise<void>;
}

/** What a service provides to run its own syncs. */
export interface SyncService {
  pool: Pool;
  orm: { readonly em: EntityManager };
  /** The name of this process, shown as the holder of a run. */
  owner: string;
  breaker: BreakerLimits;
  runEvents: RunEvents;
  /** The connector's client, in the lane for background work. May throw, e.g. if the connector is paused. */
  openCmp(run: LeasedRun): Promise<OpenedCmp>;
  phasesOf(run: LeasedRun): Promise<readonly Phase[]>;
  /** Called once when a run fails for a reason that only a person can resolve. */
  pauseConnector(run: LeasedRun, decision: FailureDecision): Promise<void>;
}

const heartbeatEveryMs = 2_500;
const triesWhenUnavailable = 10;
const tracer = trace.getTracer('isthmus.sync-engine');

/**
 * Works on a claimed run until it is finished, lost, or has to wait. When `stopping` aborts, the run is released, so that another
 * worker continues it.
 */
export function executeRun(service: SyncService, run: LeasedRun, stopping?: AbortSignal): Promise<void> {
  return inTenant(run.tenantId, () => execute(service, run, stopping));
}

async function execute(service: SyncService, run: LeasedRun, stopping?: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const onStopping = () => stop.abort(new WorkerStopping());
  if (stopping?.aborted) onStopping();
  stopping?.addEventListener('abort', onStopping, { once: true });
  let cmp: OpenedCmp | undefined;
  let context: RunContext | undefined;
  const heartbeatTimer = setInterval(() => {
    // Only for those who watch: what is wrong with the database, the heartbeat says.
    context?.showPhase().catch(() => undefined);
    heartbeat(service.pool, run, cmp?.budgetState()).then(
      (answer) => {
        if (answer === 'lost') stop.abort(new LeaseLost(run.id));
        if (answer === 'cancel-requested') stop.abort(new RunCancelled(run.id));
      },
      () => undefined,
    );
  }, heartbeatEveryMs);

  try {
    if (!run.startedBefore && run.trigger !== 'schedule')
      await inTransaction(service.pool, (client) => emitMany(client, [service.runEvents.started(run)]));
    stop.signal.throwIfAborted();
    cmp = await service.openCmp(run);
    context = new RunContext(run, {
      pool: service.pool,
      em: service.orm.em.fork() as EntityManager,
      cmp: cmp.client,
      breaker: service.breaker,
      signal: stop.signal,
    });
    const { phasesOf } = service;
    const working = context;
    await countingCalls(working, async () => runPhases(await phasesOf(run), working));
    await finishRun(service, run, context, { status: 'succeeded' });
  } catch (error) {
    await context?.settled();
    await handleFailure(service, run, context, stop.signal.aborted ? stop.signal.reason : error);
  } finally {
    clearInterval(heartbeatTimer);
    stopping?.removeEventListener('abort', onStopping);
  }
}

async function runPhases(phases: readonly Phase[], context: RunContext): Promise<void> {
  const resumed = phases.findIndex((phase) => phase.name === context.run.checkpoint?.phase);
  for (const phase of phases.slice(Math.max(resumed, 0))) {
    await tracer.startActiveSpan(`sync ${context.run.scope} ${phase.name}`, async (span) => {
      try {
        context.enterPhase(phase.name);
        await phase.run(context);
      } finally {
        span.end();
      }
    });
  }
}

async function handleFailure(
  service: SyncService,
  run: LeasedRun,
  context: RunContext | undefined,
  error: unknown,
): Promise<void> {
  if (error instanceof LeaseLost) return;
  if (error instanceof WorkerStopping) {
    await deferRun(service.pool, run, error.message, 0);
    return;
  }
  let decision = decideFailure(error);
  if (decision.retryAfterMs !== undefined && run.attempts < triesWhenUnavailable) {
    if (await deferRun(service.pool, run, decision.failure.detail, decision.retryAfterMs)) return;
    // If the run is to be cancelled, or another worker holds it, this writes nothing.
    decision = decideFailure(new RunCancelled(run.id));
  }
  await finishRun(service, run, context, {
    status: decision.status,
    failure: decision.failure,
    breaker: decision.breaker,
  });
  if (decision.pauses) await service.pauseConnector(run, decision);
}

const ended = counter('isthmus.sync.runs');

interface Outcome {
  status: RunStatus;
  failure?: RunFailure;
  breaker?: RunBreaker;
}

/** Ends a run (or holds it for approval), with its event if there is anything to tell, unless another worker holds it by now. */
async function finishRun(
  { pool, runEvents }: { pool: Pool; runEvents: RunEvents },
  run: LeasedRun,
  context: RunContext | undefined,
  outcome: Outcome,
): Promise<void> {
  const counts = context ? { ...context.counts, calls: context.counts.calls + context.calls } : run.counts;
  const end = (on: Pool | PoolClient, condition = '') =>
    endRow(on, run, context, { ...outcome, counts }, condition);
  const quietly = isUneventful(run, outcome.status, counts) && (await end(pool, nothingHeld));
  const ours =
    quietly ||
    (await inTransaction(pool, async (client) => {
      if (!(await end(client))) return false;
      if (!run.apply && outcome.status !== 'succeeded') await dropPlans(client, [run.id]);
      await emitMany(client, [runEvents.finished(run, outcome.status, counts, outcome.failure)]);
      if (outcome.status === 'awaiting-approval')
        await supersedeHeld(client, runEvents, run, {
          code: 'sync-run.superseded',
          detail: `Sync run ${run.id} exceeded the limits too, later; its plan supersedes this one.`,
          nextStep: `Check the records of sync run ${run.id}, then approve or cancel that run.`,
        });
      else if (outcome.status === 'succeeded' && run.apply && context?.complete)
        await supersedeHeld(client, runEvents, run, {
          code: 'sync-run.superseded',
          detail: `Sync run ${run.id} later read everything and found nothing to approve.`,
          nextStep: 'There is nothing to do.',
        });
      return true;
    }));
  if (ours) ended.add(1, { scope: run.scope, status: outcome.status });
}

/**
 * A run of the schedule that found nothing, like the one before it, has nothing to tell: thousands of connectors are read every few
 * minutes, and each event would be stored, published and delivered.
 */
const isUneventful = (run: LeasedRun, status: RunStatus, counts: RunCounts): boolean =>
  run.trigger === 'schedule' &&
  status === 'succeeded' &&
  !run.followsFailure &&
  !counts.appeared &&
  !counts.changed &&
  !counts.ended &&
  !counts.setAside &&
  !counts.failed;

/** No plan of its kind waits for approval, which a complete run would supersede. */
const nothingHeld = `and not exists (select from sync_runs held where held.connector_id = r.connector_id and held.status = 'awaiting-approval')`;

/** @returns whether the run was still ours, and met the condition, over `r` */
async function endRow(
  on: Pool | PoolClient,
  run: LeasedRun,
  context: RunContext | undefined,
  { status, failure, breaker, counts }: Outcome & { counts: RunCounts },
  condition: string,
): Promise<boolean> {
  const { rowCount } = await on.query(
    `with ended as (
       update sync_runs r set status = $3, failure = $4, counts = $5, complete = $6, breaker = coalesce($7, breaker),
         phase = coalesce($8, phase), waiting = null, lease_until = null, heartbeat_at = now(),
         finished_at = case when $3 = 'awaiting-approval' then null else now() end,
         held_since = case when $3 = 'awaiting-approval' then now() end, reminded_at = null, reminders = 0
       where id = $1 and lease_token = $2 and status = 'running' ${condition} returning id),
     unseen as (delete from sync_seen where run_id in (select id from ended))
     select from ended`,
    [
      run.id,
      run.token,
      status,
      failure ? JSON.stringify(failure) : null,
      JSON.stringify(counts),
      context?.complete ?? null,
      breaker ? JSON.stringify(breaker) : null,
      context?.phase ?? null,
    ],
  );
  return rowCount === 1;
}

/** Ends the plans of the same kind that still wait for approval. The new one counts as waiting since the first of them. */
async function supersedeHeld(
  client: PoolClient,
  runEvents: RunEvents,
  run: LeasedRun,
  failure: RunFailure,
): Promise<void> {
  const { rows } = await client.query<LeasedRun>(
    `update sync_runs set status = 'cancelled', failure = $7, finished_at = now(), lease_token = lease_token + 1
     where tenant_id = $1 and connector_id = $2 and scope = $3 and depth = $4 and target = $5 and apply and id <> $6
       and status = 'awaiting-approval'
     returning ${leasedRunColumns}`,
    [run.tenantId, run.connectorId, run.scope, run.depth, run.target, run.id, JSON.stringify(failure)],
  );
  if (!rows.length) return;
  await client.query(
    `update sync_runs r set held_since = least(r.held_since, old.since), reminded_at = old.reminded, reminders = old.reminders
     from (select min(held_since) as since, max(reminded_at) as reminded, max(reminders) as reminders from sync_runs where id = any($2)) old
     where r.id = $1 and r.status = 'awaiting-approval'`,
    [run.id, rows.map(({ id }) => id)],
  );
  await emitMany(
    client,
    rows.map((old) => runEvents.finished(old, 'cancelled', old.counts, failure)),
  );
}

import { trace } from '@opentelemetry/api';
import type { Pool } from 'pg';
import type { CmpClient } from '@isthmus/cmp-client';
import type { PartnerAttestationV1 } from '@isthmus/contracts';
import type { BreakerLimits } from '../mirror/breaker.ts';
import { countingCalls } from './call-counter.ts';
import { failureOf, type FailureVerdict } from './failure.ts';
import { finishRun } from './finish-run.ts';
import { RunContext } from './run-context.ts';
import { claimRun, heartbeat, setRunAside, type HeldRun } from './run-lease.ts';
import { LeaseLost, RunCancelled, WorkerStopping } from './sync.errors.ts';
import type { RunTeller } from './run-teller.ts';
import { inTransaction } from './in-transaction.ts';
import { emitMany } from '@isthmus/messaging';

export interface Phase {
  name: string;
  run(context: RunContext): Promise<void>;
}

/** CMP as a run uses it. */
export interface OpenedCmp {
  /** In the lane of background work unless the run says otherwise. */
  client: CmpClient;
  /** State of the call budget, for people to see why nothing moves. */
  budgetState(): unknown;
  /** Who attested, once for the connector, to being the partner of record; absent while nobody did. */
  partnerAttestation?: PartnerAttestationV1 | undefined;
}

/** What a service brings to run syncs of its own. */
export interface SyncService {
  pool: Pool;
  /** Name of this process, shown as the holder of a run. */
  owner: string;
  breaker: BreakerLimits;
  tell: RunTeller;
  /** The connector's client, in the lane of background work. May throw, e.g. when the connector is paused. */
  openCmp(run: HeldRun): Promise<OpenedCmp>;
  phasesOf(run: HeldRun): Promise<readonly Phase[]>;
  /** Called once when a run fails for a reason that only a person can mend. */
  pauseConnector(run: HeldRun, verdict: FailureVerdict): Promise<void>;
}

export type Execution = 'finished' | 'not-ours' | { againInMs: number };

const heartbeatEveryMs = 2_500;
const triesWhenUnavailable = 10;
const tracer = trace.getTracer('isthmus.sync-engine');

/**
 * Works on one run until it is finished, lost, or has to wait; safe to call for the same run by several workers at once. Rejects with
 * `WorkerStopping` when `stopping` aborts, after giving the run back.
 */
export async function executeRun(
  service: SyncService,
  runId: string,
  stopping?: AbortSignal,
): Promise<Execution> {
  const run = await claimRun(service.pool, runId, service.owner);
  if (!run) return 'not-ours';
  if (!run.startedBefore)
    await inTransaction(service.pool, (client) => emitMany(client, [service.tell.started(run)]));

  const stop = new AbortController();
  const leave = () => stop.abort(new WorkerStopping());
  stopping?.addEventListener('abort', leave, { once: true });
  let cmp: OpenedCmp | undefined;
  const beat = setInterval(() => {
    heartbeat(service.pool, run, cmp?.budgetState()).then(
      (answer) => {
        if (answer === 'lost') stop.abort(new LeaseLost(run.id));
        if (answer === 'cancel-requested') stop.abort(new RunCancelled(run.id));
      },
      () => undefined,
    );
  }, heartbeatEveryMs);

  let context: RunContext | undefined;
  try {
    cmp = await service.openCmp(run);
    context = new RunContext(run, {
      pool: service.pool,
      cmp: cmp.client,
      breaker: service.breaker,
      signal: stop.signal,
    });
    const { phasesOf } = service;
    const working = context;
    await countingCalls(working, async () => runPhases(await phasesOf(run), working));
    await finishRun(service, run, context, { status: 'succeeded' });
    return 'finished';
  } catch (error) {
    await context?.settled();
    return await stopped(service, run, context, stop.signal.aborted ? stop.signal.reason : error);
  } finally {
    clearInterval(beat);
    stopping?.removeEventListener('abort', leave);
  }
}

async function runPhases(phases: readonly Phase[], context: RunContext): Promise<void> {
  const resumed = phases.findIndex((phase) => phase.name === context.run.checkpoint?.phase);
  for (const phase of phases.slice(Math.max(resumed, 0))) {
    await tracer.startActiveSpan(`sync ${context.run.scope} ${phase.name}`, async (span) => {
      try {
        await context.enterPhase(phase.name);
        await phase.run(context);
      } finally {
        span.end();
      }
    });
  }
}

async function stopped(
  service: SyncService,
  run: HeldRun,
  context: RunContext | undefined,
  error: unknown,
): Promise<Execution> {
  if (error instanceof LeaseLost) return 'not-ours';
  if (error instanceof WorkerStopping) {
    await setRunAside(service.pool, run, error.message, 0);
    throw error;
  }
  let verdict = failureOf(error);
  if (verdict.againInMs !== undefined && run.attempts < triesWhenUnavailable) {
    if (await setRunAside(service.pool, run, verdict.failure.detail, verdict.againInMs))
      return { againInMs: verdict.againInMs };
    // Nobody wants the next try any more; had another worker the run, this would write nothing.
    verdict = failureOf(new RunCancelled(run.id));
  }
  await finishRun(service, run, context, {
    status: verdict.status,
    failure: verdict.failure,
    breaker: verdict.breaker,
  });
  if (verdict.pauses) await service.pauseConnector(run, verdict);
  return 'finished';
}

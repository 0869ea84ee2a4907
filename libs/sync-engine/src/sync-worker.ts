import { hostname } from 'node:os';
import { CmpConnections } from '@isthmus/cmp-connections';
import type { Clock } from '@isthmus/domain';
import { connectTimeoutMs, withSpan, RetryLoop, WakeSignal } from '@isthmus/messaging';
import { acrossTenants, attributes, ConnectorSecretsEnv, keyRingProvider } from '@isthmus/service-kit';
import { MikroORM } from '@mikro-orm/postgresql';
import {
  type BeforeApplicationShutdown,
  Logger,
  type OnApplicationBootstrap,
  type Provider,
} from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { Type } from 'class-transformer';
import { IsInt, IsNumber, Max, Min } from 'class-validator';
import { Client, Pool } from 'pg';
import {
  type DueRun,
  dropOldPlans,
  dropOldRuns,
  sendHeldRunReminders,
  startDueRuns,
} from './runs/run-actions.ts';
import { executeRun, type Phase, type SyncService } from './runs/run-executor.ts';
import type { RunEvents } from './runs/run-events.ts';
import { claimRun, dueRunsChannel, type LeasedRun } from './runs/run-lease.ts';

/** The settings of every process that works on runs. */
export class SyncWorkerEnv extends ConnectorSecretsEnv {
  /** Maximum number of runs processed concurrently by this process. */
  @Type(() => Number) @IsInt() @Min(1) @Max(64) SYNC_CONCURRENCY: number = 4;
  /** A run may always end, or move to other customers, this many live records … */
  @Type(() => Number) @IsInt() @Min(0) BREAKER_ROWS: number = 5;
  /** … and beyond that this share of them, before it asks for approval. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(1) BREAKER_SHARE: number = 0.1;
  /** A run may always take away this many seats from live subscriptions … */
  @Type(() => Number) @IsInt() @Min(0) BREAKER_SEATS: number = 50;
  /** … and beyond that this share of the live seats, before it asks for approval. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(1) BREAKER_SEAT_SHARE: number = 0.1;
  /** Interval of reminders about a run that awaits approval, in hours; 0 means never. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(8760) APPROVAL_REMINDER_HOURS: number = 24;
  /** Number of days for which a plan can be applied; afterwards its data is deleted, and its records remain. */
  @Type(() => Number) @IsInt() @Min(1) @Max(3650) PLAN_DAYS: number = 30;
  /** Number of days for which a run that ended is listed, with its records; never less than PLAN_DAYS. */
  @Type(() => Number) @IsInt() @Min(1) @Max(3650) RUN_KEEP_DAYS: number = 90;
  /** Number of days for which a run of the schedule that found nothing is listed. */
  @Type(() => Number) @IsNumber() @Min(0.05) @Max(3650) IDLE_RUN_KEEP_DAYS: number = 2;
  /** Interval at which the schedule is checked, which costs some index look-ups for each connector. */
  @Type(() => Number) @IsInt() @Min(100) SCHEDULE_EVERY_MS: number = 5_000;
}

/** Everything that a process needs to work on a service's runs: connections to CMP, the worker, the schedule. */
export function syncWorker<E extends SyncWorkerEnv>(env: new () => E, work: SyncWork<E>): Provider[] {
  return [
    keyRingProvider(env, 'SECRET_RING', 'credentials of connectors are sealed'),
    CmpConnections,
    {
      provide: SyncWorker,
      useFactory: (pool: Pool, orm: MikroORM, connections: CmpConnections, settings: E) =>
        new SyncWorker(
          {
            pool,
            orm,
            runEvents: work.runEvents,
            owner: `${hostname()}/${process.pid}`,
            breaker: {
              rows: settings.BREAKER_ROWS,
              share: settings.BREAKER_SHARE,
              seats: { rows: settings.BREAKER_SEATS, share: settings.BREAKER_SEAT_SHARE },
            },
            // A user is waiting for a run with a target; the others are not urgent.
            openCmp: (run) => connections.open(run, run.target ? 'interactive' : 'sync'),
            phasesOf: (run) => work.phasesOf(pool, run, settings),
            pauseConnector: (run, { failure }) => connections.pause(run, failure),
          },
          settings.SYNC_CONCURRENCY,
        ),
      inject: [Pool, MikroORM, CmpConnections, env],
    },
    {
      provide: RunSchedule,
      useFactory: (pool: Pool, settings: E) => new RunSchedule(pool, work, settings),
      inject: [Pool, env],
    },
  ];
}

/** The parts specific to a service's runs; `E` is its environment. */
export interface SyncWork<E> {
  runEvents: RunEvents;
  phasesOf(pool: Pool, run: LeasedRun, env: E): Promise<readonly Phase[]>;
  /** The runs that the schedules of active connectors require now: none of the kind is open, and the last one was long enough ago. */
  dueRuns(pool: Pool, env: E): Promise<DueRun[]>;
}

/**
 * There is no notification for a run whose worker has died or whose waiting time has elapsed: an idle worker polls at this
 * interval.
 */
const pollMs = 1_000;
/** A connection that is lost without notice is replaced after this time at the latest. */
const renewMs = 60_000;
const wakeUpsName = 'sync runs due';

/**
 * Claims runs from PostgreSQL and executes them, several at a time. It claims a run only if it can start it immediately, so that
 * all workers with free capacity share the runs.
 */
export class SyncWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(SyncWorker.name);
  readonly #stopping = new AbortController();
  readonly #inProgress = new Set<Promise<void>>();
  readonly #claims: RetryLoop;
  readonly #wakeUps: RetryLoop;

  constructor(
    private readonly service: SyncService,
    private readonly concurrency: number,
    clock?: Clock,
  ) {
    const log = this.#log;
    this.#claims = new RetryLoop({
      name: 'Claiming sync runs',
      run: () => this.#claim(),
      idleMs: pollMs,
      log,
      clock,
    });
    this.#wakeUps = new RetryLoop({
      name: 'Listening for sync runs',
      run: (signal) => this.#listen(signal),
      idleMs: 0,
      log,
    });
  }

  onApplicationBootstrap(): void {
    this.#claims.start();
    this.#wakeUps.start();
  }

  /** Releases the runs in progress; resolves when another worker may continue them. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#claims.stop(), this.#wakeUps.stop()]);
    await Promise.all(this.#inProgress);
  }

  async #claim(): Promise<boolean> {
    if (this.#inProgress.size >= this.concurrency || this.#stopping.signal.aborted) return false;
    const run = await claimRun(this.service.pool, this.service.owner, { places: this.concurrency });
    if (!run) return false;
    const work = this.#work(run).finally(() => {
      this.#inProgress.delete(work);
      this.#claims.wake();
    });
    this.#inProgress.add(work);
    return true;
  }

  async #work(run: LeasedRun): Promise<void> {
    const { id, tenantId, connectorId, traceparent } = run;
    const facts = {
      [attributes.syncRunId]: id,
      [attributes.tenantId]: tenantId,
      [attributes.connectorId]: connectorId,
    };
    try {
      await withSpan(traceparent, 'work sync-run', SpanKind.CONSUMER, facts, () =>
        executeRun(this.service, run, this.#stopping.signal),
      );
    } catch (error) {
      this.#log.error(
        `Sync run ${id} was interrupted; a worker continues it when its lease has expired.`,
        error,
      );
    }
  }

  /** Wakes the claims at every notification, on a separate connection; rejects if that connection is lost. */
  async #listen(signal: AbortSignal): Promise<void> {
    const own = { application_name: wakeUpsName, connectionTimeoutMillis: connectTimeoutMs };
    const client = new Client({ ...this.service.pool.options, ...own });
    const lost = new WakeSignal();
    // Without a listener a lost connection would end the process; the next query reports it.
    client.on('error', () => lost.wake());
    client.on('end', () => lost.wake());
    client.on('notification', () => this.#claims.wake());
    try {
      await client.connect();
      await client.query(`listen ${dueRunsChannel}`);
      // Something may have been announced before anyone listened.
      this.#claims.wake();
      await lost.wait(renewMs, signal);
      if (!signal.aborted) await client.query('select 1');
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/**
 * Starts the runs that are due according to the connectors' schedules, sends reminders about those that await approval, and
 * deletes old runs and the data of old plans. Several workers may do so concurrently.
 */
class RunSchedule<E extends SyncWorkerEnv> implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #loop: RetryLoop;
  #remindAt = 0;
  #dropAt = 0;

  constructor(
    private readonly pool: Pool,
    private readonly work: SyncWork<E>,
    private readonly env: E,
  ) {
    this.#loop = new RetryLoop({
      name: 'Schedule of sync runs',
      run: () => this.#tick(),
      idleMs: env.SCHEDULE_EVERY_MS,
      idleFirst: true,
      log: new Logger(RunSchedule.name),
    });
  }

  onApplicationBootstrap(): void {
    this.#loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#loop.stop();
  }

  async #tick(): Promise<void> {
    const dueRuns = await acrossTenants('find runs that are due', () =>
      this.work.dueRuns(this.pool, this.env),
    );
    if (dueRuns.length) await startDueRuns(this.pool, dueRuns);
    await this.#remind();
    await this.#dropWhatIsOld();
  }

  async #remind(): Promise<void> {
    if (Date.now() < this.#remindAt) return;
    const { APPROVAL_REMINDER_HOURS: hours } = this.env;
    await sendHeldRunReminders(this.pool, this.work.runEvents, hours);
    this.#remindAt = Date.now() + Math.min(60_000, hours * 3_600_000);
  }

  async #dropWhatIsOld(): Promise<void> {
    if (Date.now() < this.#dropAt) return;
    const { PLAN_DAYS, RUN_KEEP_DAYS, IDLE_RUN_KEEP_DAYS } = this.env;
    await dropOldPlans(this.pool, PLAN_DAYS);
    const days = { all: Math.max(RUN_KEEP_DAYS, PLAN_DAYS), idle: IDLE_RUN_KEEP_DAYS };
    const more = await dropOldRuns(this.pool, days);
    this.#dropAt = Date.now() + (more ? 0 : 3_600_000);
  }
}

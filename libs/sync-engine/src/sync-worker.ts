import { hostname } from 'node:os';
import { CmpConnections, keyRingProvider } from '@isthmus/cmp-connections';
import type { ContractClass } from '@isthmus/contracts';
import { WorkQueue } from '@isthmus/messaging';
import { inTransaction, ServiceEnv } from '@isthmus/service-kit';
import {
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsNumber, Max, Min } from 'class-validator';
import { Pool } from 'pg';
import { dropOldPlans, remindOfHeldRuns, startRun } from './runs/run-actions.ts';
import { executeRun, type Phase, type SyncService } from './runs/run-executor.ts';
import { type HeldRun, requeueOrphans, type RunTeller } from './runs/run-lease.ts';

/** Settings of every process that works on runs. */
export class SyncWorkerEnv extends ServiceEnv {
  /** Runs worked on at once by this process. */
  @Type(() => Number) @IsInt() @Min(1) @Max(64) SYNC_CONCURRENCY: number = 4;
  /** A run may always end, or move to other customers, this many live records … */
  @Type(() => Number) @IsInt() @Min(0) BREAKER_ROWS: number = 5;
  /** … and beyond that this share of them, before it asks for approval. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(1) BREAKER_SHARE: number = 0.1;
  /** A run may always take away this many seats from live subscriptions … */
  @Type(() => Number) @IsInt() @Min(0) BREAKER_SEATS: number = 50;
  /** … and beyond that this share of the live seats, before it asks for approval. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(1) BREAKER_SEAT_SHARE: number = 0.1;
  /** How often people are reminded of a run that waits for approval, in hours; 0 is never. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(8760) APPROVAL_REMINDER_HOURS: number = 24;
  /** How many days a plan can be applied; what it read is deleted then, its records stay. */
  @Type(() => Number) @IsInt() @Min(1) @Max(3650) PLAN_DAYS: number = 30;
  /** How often the schedule is looked at. */
  @Type(() => Number) @IsInt() @Min(100) SCHEDULE_EVERY_MS: number = 1_000;
}

/** Everything a process needs to work on a service's runs: connections to CMP, the work queue, the schedule. */
export function syncWorker<E extends SyncWorkerEnv>(env: new () => E, work: SyncWork<E>): Provider[] {
  return [
    keyRingProvider(env),
    CmpConnections,
    {
      provide: WorkOnRuns,
      useFactory: (queue: WorkQueue, pool: Pool, connections: CmpConnections, settings: E) =>
        new WorkOnRuns(queue, settings, work.due, {
          pool,
          tell: work.tell,
          // A person waits for a run with a target; the others have time.
          openCmp: (run) => connections.open(run, run.target ? 'interactive' : 'sync'),
          phasesOf: (run) => work.phasesOf(pool, run, settings),
          pauseConnector: (run, { failure }) => connections.pause(run, failure),
        }),
      inject: [WorkQueue, Pool, CmpConnections, env],
    },
    {
      provide: ScheduleRuns,
      useFactory: (pool: Pool, settings: E) =>
        new ScheduleRuns(pool, work.tell, () => work.dueRuns(pool, settings), settings),
      inject: [Pool, env],
    },
  ];
}

/** A run that is due by a schedule. */
export interface DueRun {
  tenantId: string;
  connectorId: string;
  scope: string;
  depth: string;
}

/** What makes a service's runs its own; `E` is its environment. */
export interface SyncWork<E> {
  /** The work item that `tell.due` makes. */
  due: ContractClass<{ tenantId: string; runId: string }>;
  tell: RunTeller;
  phasesOf(pool: Pool, run: HeldRun, env: E): Promise<readonly Phase[]>;
  /** What the schedules of active connectors ask for now: nothing open of the kind, and the last one long enough ago. */
  dueRuns(pool: Pool, env: E): Promise<DueRun[]>;
}

const ackWaitMs = 12_000;
const stillWorkingMs = 4_000;

/** Takes sync runs from the work queue. The queue only wakes a worker: the lease in the database decides who has a run. */
class WorkOnRuns implements OnApplicationBootstrap {
  readonly #service: SyncService;

  constructor(
    private readonly queue: WorkQueue,
    private readonly env: SyncWorkerEnv,
    private readonly due: ContractClass<{ tenantId: string; runId: string }>,
    service: Omit<SyncService, 'owner' | 'breaker'>,
  ) {
    this.#service = {
      ...service,
      owner: `${hostname()}/${process.pid}`,
      breaker: {
        rows: env.BREAKER_ROWS,
        share: env.BREAKER_SHARE,
        seats: { rows: env.BREAKER_SEATS, share: env.BREAKER_SEAT_SHARE },
      },
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    const options = { concurrency: this.env.SYNC_CONCURRENCY, ackWaitMs };
    await this.queue.consume(this.due, options, async ({ runId }, item) => {
      const keepAlive = setInterval(() => item.working(), stillWorkingMs);
      try {
        await executeRun(this.#service, runId, item.signal);
      } finally {
        clearInterval(keepAlive);
      }
    });
  }
}

/**
 * Starts the runs that are due by the connectors' schedules, requeues those that no worker holds any more, sends reminders of those
 * that wait for approval, and deletes what old plans have read. Several workers may do it at once.
 */
class ScheduleRuns implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(ScheduleRuns.name);
  #timer: NodeJS.Timeout | undefined;
  #dropPlansAt = 0;
  #current: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly tell: RunTeller,
    private readonly dueRuns: () => Promise<DueRun[]>,
    private readonly env: SyncWorkerEnv,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => (this.#current = this.#tick()), this.env.SCHEDULE_EVERY_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#current;
  }

  async #tick(): Promise<void> {
    try {
      for (const due of await this.dueRuns()) {
        await inTransaction(this.pool, (client) =>
          startRun(client, this.tell, { ...due, trigger: 'schedule', requestedBy: 'schedule' }),
        );
      }
      await requeueOrphans(this.pool, this.tell);
      await remindOfHeldRuns(this.pool, this.tell, this.env.APPROVAL_REMINDER_HOURS);
      await this.#dropOldPlans();
    } catch (error) {
      this.#log.warn(`The schedule was not looked at: ${String(error)}`);
    }
  }

  async #dropOldPlans(): Promise<void> {
    if (Date.now() < this.#dropPlansAt) return;
    await dropOldPlans(this.pool, this.env.PLAN_DAYS);
    this.#dropPlansAt = Date.now() + 3_600_000;
  }
}

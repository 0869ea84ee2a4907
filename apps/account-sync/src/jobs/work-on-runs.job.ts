import { hostname } from 'node:os';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SyncRunDue } from '@isthmus/contracts';
import { WorkQueue } from '@isthmus/messaging';
import { executeRun, type SyncService } from '@isthmus/sync-engine';
import { Pool } from 'pg';
import { CmpConnections } from '../cmp-connections.ts';
import { phasesOf } from '../phases/phases-of.ts';
import { syncRunMessages } from '../sync-run-messages.ts';
import { WorkerEnv } from '../worker.config.ts';

const ackWaitMs = 12_000;
const stillWorkingMs = 4_000;

/** Takes sync runs from the work queue. The queue only wakes a worker: the lease in the database decides who has a run. */
@Injectable()
export class WorkOnRuns implements OnApplicationBootstrap {
  readonly #service: SyncService;

  constructor(
    private readonly queue: WorkQueue,
    private readonly env: WorkerEnv,
    pool: Pool,
    connections: CmpConnections,
  ) {
    this.#service = {
      pool,
      owner: `${hostname()}/${process.pid}`,
      breaker: { rows: env.BREAKER_ROWS, share: env.BREAKER_SHARE },
      tell: syncRunMessages,
      openCmp: (run) => connections.open(run),
      phasesOf: (run) => phasesOf(pool, run, env),
      pauseConnector: async (run, { failure }) => {
        await connections.pause(run, failure.code, failure.detail, failure.nextStep);
      },
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.queue.consume(
      SyncRunDue,
      { concurrency: this.env.SYNC_CONCURRENCY, ackWaitMs },
      async ({ runId }, item) => {
        const alive = setInterval(() => item.working(), stillWorkingMs);
        try {
          await executeRun(this.#service, runId, item.signal);
        } finally {
          clearInterval(alive);
        }
      },
    );
  }
}

import { hostname } from 'node:os';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { ContractClass } from '@isthmus/contracts';
import type { WorkQueue } from '@isthmus/messaging';
import { executeRun, type SyncService } from '../runs/run-executor.ts';
import type { SyncWorkerEnv } from './sync-worker.env.ts';

const ackWaitMs = 12_000;
const stillWorkingMs = 4_000;

/** Takes sync runs from the work queue. The queue only wakes a worker: the lease in the database decides who has a run. */
export class WorkOnRuns implements OnApplicationBootstrap {
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
      const alive = setInterval(() => item.working(), stillWorkingMs);
      try {
        await executeRun(this.#service, runId, item.signal);
      } finally {
        clearInterval(alive);
      }
    });
  }
}

import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { inTransaction, requeueOrphans, startRun } from '@isthmus/sync-engine';
import { Pool } from 'pg';
import { dueRuns } from '../persistence/due-runs.ts';
import { syncRunMessages } from '../sync-run-messages.ts';
import { WorkerEnv } from '../worker.config.ts';

/** Starts what the connectors' schedules ask for, and queues again what no worker holds any more. Several workers may do it at once. */
@Injectable()
export class ScheduleRuns implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(ScheduleRuns.name);
  #timer: NodeJS.Timeout | undefined;
  #current: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly env: WorkerEnv,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => (this.#current = this.#look()), this.env.SCHEDULE_EVERY_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#current;
  }

  async #look(): Promise<void> {
    try {
      for (const due of await dueRuns(this.pool)) {
        await inTransaction(this.pool, (client) =>
          startRun(client, syncRunMessages, { ...due, trigger: 'schedule', requestedBy: 'schedule' }),
        );
      }
      await requeueOrphans(this.pool, syncRunMessages);
    } catch (error) {
      this.#log.warn(`The schedule was not looked at: ${String(error)}`);
    }
  }
}

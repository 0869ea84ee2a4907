import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Pool } from 'pg';
import { inTransaction } from '../runs/in-transaction.ts';
import { remindOfHeldRuns } from '../runs/remind-of-held-runs.ts';
import { requeueOrphans } from '../runs/requeue-orphans.ts';
import type { RunTeller } from '../runs/run-teller.ts';
import { startRun } from '../runs/start-run.ts';
import type { DueRun } from './sync-work.ts';

/** Starts what the connectors' schedules ask for, queues again what no worker holds any more, and reminds people of runs that wait for them. Several workers may do it at once. */
export class ScheduleRuns implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(ScheduleRuns.name);
  #timer: NodeJS.Timeout | undefined;
  #current: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly tell: RunTeller,
    private readonly dueRuns: () => Promise<DueRun[]>,
    private readonly everyMs: number,
    private readonly remindEveryHours: number,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => (this.#current = this.#look()), this.everyMs);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#current;
  }

  async #look(): Promise<void> {
    try {
      for (const due of await this.dueRuns()) {
        await inTransaction(this.pool, (client) =>
          startRun(client, this.tell, { ...due, trigger: 'schedule', requestedBy: 'schedule' }),
        );
      }
      await requeueOrphans(this.pool, this.tell);
      await remindOfHeldRuns(this.pool, this.tell, this.remindEveryHours);
    } catch (error) {
      this.#log.warn(`The schedule was not looked at: ${String(error)}`);
    }
  }
}

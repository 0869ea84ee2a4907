import { RetryLoop } from '@isthmus/messaging';
import { acrossTenants } from '@isthmus/service-kit';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Pool } from 'pg';
import { WebhooksEnv } from '../config.ts';

const everyMs = 3_600_000;
const rowsPerStatement = 1_000;

/** Deletes, every hour, events older than replays may reach, with their deliveries and logs. Several processes do each other no harm. */
@Injectable()
export class PruneEvents implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(PruneEvents.name);
  readonly #loop: RetryLoop;

  constructor(
    private readonly pool: Pool,
    env: WebhooksEnv,
  ) {
    this.#loop = new RetryLoop({
      name: 'Deleting old events',
      run: async (signal) => {
        const deleted = await this.prune(env.WEBHOOK_KEEP_DAYS, signal);
        if (deleted > 0) this.#log.log(`Deleted ${deleted} old events.`);
      },
      idleMs: everyMs,
      idleFirst: true,
      // There is no hurry: the next attempt is made an hour later.
      backoff: { firstMs: everyMs, maxMs: everyMs },
      log: this.#log,
    });
  }

  onApplicationBootstrap(): void {
    this.#loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#loop.stop();
  }

  /** Returns how many events were deleted. In small statements, because deliveries continue meanwhile. */
  async prune(keepDays: number, signal: AbortSignal): Promise<number> {
    for (let deleted = 0; ;) {
      const { rowCount } = await acrossTenants('delete old webhook events', () =>
        this.pool.query(
          `delete from events where id in (select id from events where stored_at < now() - $1 * interval '1 day'
           order by stored_at limit $2)`,
          [keepDays, rowsPerStatement],
        ),
      );
      deleted += rowCount ?? 0;
      if ((rowCount ?? 0) < rowsPerStatement || signal.aborted) return deleted;
    }
  }
}

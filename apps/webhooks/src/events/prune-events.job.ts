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
  readonly #stop = new AbortController();
  #timer?: NodeJS.Timeout;

  constructor(
    private readonly pool: Pool,
    private readonly env: WebhooksEnv,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.#run(), everyMs).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
    this.#stop.abort();
  }

  /** Returns how many events were deleted. In small statements, because deliveries continue meanwhile. */
  async prune(keepDays: number, signal: AbortSignal): Promise<number> {
    for (let deleted = 0; ;) {
      const { rowCount } = await this.pool.query(
        `delete from events where id in (select id from events where stored_at < now() - $1 * interval '1 day'
         order by stored_at limit $2)`,
        [keepDays, rowsPerStatement],
      );
      deleted += rowCount ?? 0;
      if ((rowCount ?? 0) < rowsPerStatement || signal.aborted) return deleted;
    }
  }

  async #run(): Promise<void> {
    try {
      const deleted = await this.prune(this.env.WEBHOOK_KEEP_DAYS, this.#stop.signal);
      if (deleted > 0) this.#log.log(`Deleted ${deleted} old events.`);
    } catch (error) {
      this.#log.warn(`Old events could not be deleted; retrying in an hour. ${String(error)}`);
    }
  }
}

import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { WebhooksEnv } from '../config.ts';
import { Pruning } from '../persistence/prune.ts';

const everyMs = 3_600_000;

/** Forgets, every hour, what is older than replays may reach. Several processes do each other no harm. */
@Injectable()
export class PruneEvents implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(PruneEvents.name);
  readonly #stop = new AbortController();
  #timer?: NodeJS.Timeout;

  constructor(
    private readonly pruning: Pruning,
    private readonly env: WebhooksEnv,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.#run(), everyMs).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    try {
      const gone = await this.pruning.prune(this.env.WEBHOOK_KEEP_DAYS, this.#stop.signal);
      if (gone > 0) this.#log.log(`${gone} events are not kept any more.`);
    } catch (error) {
      this.#log.warn(`Old events could not be forgotten; the next hour tries again. ${String(error)}`);
    }
  }
}

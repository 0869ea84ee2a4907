import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { systemClock } from '@isthmus/domain';
import { SubscriptionLifecycleEnv } from '../config.ts';
import { SubscriptionWatch } from '../persistence/subscription-watch.ts';
import { warningRulesOf } from './warning-rules-of.ts';

const hour = 3_600_000;

/** Warns of windows that close and of renewals ahead. */
@Injectable()
export class WatchSubscriptions implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(WatchSubscriptions.name);
  readonly #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #forgetAt = 0;

  constructor(
    private readonly watch: SubscriptionWatch,
    private readonly env: SubscriptionLifecycleEnv,
  ) {}

  onApplicationBootstrap(): void {
    if (this.env.WARNING_POLL_MS > 0) this.#work = this.#look(this.env.WARNING_POLL_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  async #look(everyMs: number): Promise<void> {
    const rules = warningRulesOf(this.env);
    let renewed = false;
    while (!this.#stop.signal.aborted) {
      try {
        if (!renewed) await this.watch.renew(rules);
        renewed = true;
        if (await this.watch.look(rules)) continue;
        await this.#forget();
      } catch (error) {
        this.#log.error('The subscriptions could not be looked at; it is tried again.', error);
      }
      await systemClock.sleep(everyMs, this.#stop.signal).catch(() => undefined);
    }
  }

  async #forget(): Promise<void> {
    const now = systemClock.now();
    if (now < this.#forgetAt) return;
    await this.watch.forget();
    this.#forgetAt = now + hour;
  }
}

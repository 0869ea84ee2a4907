import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { systemClock } from '@isthmus/domain';
import { ChangeRulesOf } from '../commands/change-rules.ts';
import { carryOut } from '../commands/carry-out-change.ts';
import { refundRulesOf, SubscriptionLifecycleEnv } from '../config.ts';
import { DueChanges } from '../persistence/due-changes.ts';

/** Places the orders of scheduled changes when their time has come. */
@Injectable()
export class OrderDueChanges implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(OrderDueChanges.name);
  readonly #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(
    private readonly due: DueChanges,
    private readonly rules: ChangeRulesOf,
    private readonly env: SubscriptionLifecycleEnv,
  ) {}

  onApplicationBootstrap(): void {
    if (this.env.SCHEDULE_POLL_MS > 0) this.#work = this.#look(this.env.SCHEDULE_POLL_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  async #look(everyMs: number): Promise<void> {
    const settings = {
      rules: this.rules.settings,
      tolerancePercent: this.env.PRICE_TOLERANCE_PERCENT,
      ...refundRulesOf(this.env),
    };
    while (!this.#stop.signal.aborted) {
      try {
        if (await this.due.takeOne((client, row, now) => carryOut(client, row, now, settings))) continue;
      } catch (error) {
        this.#log.error('Scheduled changes that are due could not be ordered; they are tried again.', error);
      }
      await systemClock.sleep(everyMs, this.#stop.signal).catch(() => undefined);
    }
  }
}

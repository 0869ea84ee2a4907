import { RetryLoop } from '@isthmus/messaging';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SessionStore } from './session.store.ts';

const everyMs = 600_000;

/** Deletes sessions that have ended, with their tokens. Several processes do each other no harm. */
@Injectable()
export class DeleteSessions implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(DeleteSessions.name);
  readonly #loop: RetryLoop;

  constructor(store: SessionStore) {
    this.#loop = new RetryLoop({
      name: 'Deleting ended sessions',
      run: async (signal) => {
        const deleted = await store.deleteEnded(signal);
        if (deleted > 0) this.#log.log(`Deleted ${deleted} ended sessions.`);
      },
      idleMs: everyMs,
      idleFirst: true,
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
}

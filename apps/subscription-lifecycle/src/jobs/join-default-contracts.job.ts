import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Subscriptions } from '../persistence/subscriptions.ts';

/** Once at start: whoever is left out of a default contract, whatever the reason, joins it. Any replica may, at any time. */
@Injectable()
export class JoinDefaultContracts implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(JoinDefaultContracts.name);
  #work: Promise<void> = Promise.resolve();

  constructor(private readonly subscriptions: Subscriptions) {}

  onApplicationBootstrap(): void {
    this.#work = this.subscriptions
      .joinDefaultContracts()
      .catch((error: unknown) =>
        this.#log.error('Default contracts could not be checked; the next start tries again.', error),
      );
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#work;
  }
}

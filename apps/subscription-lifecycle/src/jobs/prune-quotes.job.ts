import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Quotes } from '../persistence/quotes.ts';

const hour = 3_600_000;

/** Deletes quotes that have expired; every replica may, the statement does not mind. */
@Injectable()
export class PruneQuotes implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(PruneQuotes.name);
  #timer?: NodeJS.Timeout;

  constructor(private readonly quotes: Quotes) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.#prune(), hour);
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  async #prune(): Promise<void> {
    try {
      await this.quotes.prune();
    } catch (error) {
      this.#log.warn('Expired quotes could not be deleted; the next hour tries again.', error);
    }
  }
}

import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Client, Pool } from 'pg';
import { MessagingOptions } from '../messaging-options.ts';
import { NatsConnection } from '../nats/nats-connection.ts';
import { RetryLoop } from '../retry-loop.ts';
import { Publisher } from './publisher.ts';
import { RelaySession } from './relay-session.ts';
import { loadRelayState } from './relay-state.ts';
import { republish } from './republish.ts';
import { StreamWatch } from './stream-watch.ts';

export interface ReplayRange {
  since?: Date;
  /** The first position to say again. */
  fromPosition?: number;
  /** A contract's subject; all when left out. */
  subject?: string;
}

/**
 * Carries the outbox to JetStream, at least once and in order per aggregate. Every process of a service has one; the lock
 * lets one of them work.
 */
@Injectable()
export class Relay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #source: string;
  readonly #loop = new RetryLoop({
    name: 'Relay',
    run: (signal) => this.#session(signal),
    idleMs: 0,
    isOutage: () => true,
    log: new Logger('Relay'),
  });

  constructor(
    private readonly pool: Pool,
    private readonly nats: NatsConnection,
    private readonly publisher: Publisher,
    private readonly options: MessagingOptions,
  ) {
    this.#source = `/isthmus/${options.service}`;
  }

  onApplicationBootstrap(): void {
    this.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  start(): void {
    this.#loop.start();
  }

  /** Resolves when nothing of it runs any more. What is in the outbox stays there for the next start. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /**
   * Publishes kept rows again, so that every consumer is told again; those with an inbox row for an event skip it.
   *
   * @returns how many events were published
   */
  async replay({ since, fromPosition = 1, subject }: ReplayRange): Promise<number> {
    const client = await this.pool.connect();
    try {
      const { position } = await loadRelayState(client);
      const range = { after: fromPosition - 1, upTo: position, since, subject };
      return await republish(client, this.publisher, this.#source, range, true);
    } finally {
      client.release();
    }
  }

  async #session(signal: AbortSignal): Promise<void> {
    const client = new Client({ ...this.pool.options, application_name: `${this.options.service} relay` });
    // Without a listener a lost connection would end the process; the next query reports it.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const watch = new StreamWatch(this.nats, this.publisher, this.options, this.#source);
      await new RelaySession(
        client,
        this.nats,
        this.publisher,
        watch,
        this.options,
        this.#source,
        signal,
      ).run();
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

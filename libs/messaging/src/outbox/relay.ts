import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Client, Pool } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessagingOptions } from '../messaging-options.ts';
import { NatsConnection } from '../nats/nats-connection.ts';
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
  readonly #logger = new Logger('Relay');
  readonly #source: string;
  #stopped = new AbortController();
  #running?: Promise<void>;

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
    if (this.#running) return;
    this.#stopped = new AbortController();
    this.#running = this.#runForEver(this.#stopped.signal);
  }

  /** Resolves when nothing of it runs any more. What is in the outbox stays there for the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    this.#running = undefined;
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

  async #runForEver(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures += 1) {
      const begun = Date.now();
      try {
        await this.#session(signal);
      } catch (error) {
        if (Date.now() - begun > 10_000) failures = 0;
        if (!signal.aborted) this.#logger.warn(`The relay was interrupted and starts again. ${error}`);
      }
      await sleep(Math.min(100 * 2 ** failures, 2_000), undefined, { signal }).catch(() => undefined);
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

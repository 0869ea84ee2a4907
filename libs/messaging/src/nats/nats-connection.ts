import { DomainError } from '@isthmus/domain';
import type { NatsConnection as Core } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { retry } from '../retry-loop.ts';
import { type NatsAccess, natsServers, shownServers } from './nats-access.ts';

export type NatsState = 'connecting' | 'connected' | 'reconnecting' | 'closed';

/**
 * The process's one connection to NATS, established in the background and retried for ever: a service starts, and accepts
 * commands, while NATS is down.
 */
@Injectable()
export class NatsConnection implements OnApplicationShutdown {
  readonly #logger = new Logger('NatsConnection');
  readonly #stopped = new AbortController();
  readonly #first: Promise<Core>;
  #core?: Core;
  #state: NatsState = 'connecting';
  readonly #onDisconnect = new Set<() => void>();

  constructor(
    private readonly url: string,
    private readonly name: string,
    private readonly access: NatsAccess = {},
  ) {
    this.#first = this.#connect();
    // Callers that need the connection await it; if it is closed before it was established, there may be none.
    this.#first.catch(() => undefined);
  }

  /** Copies to keep of everything that is stored. */
  get replicas(): number {
    return this.access.replicas ?? 1;
  }

  get state(): NatsState {
    return this.#state;
  }

  /** The connection as soon as there is one; it then reconnects automatically. Rejects when the signal is aborted first. */
  async ready(signal?: AbortSignal): Promise<Core> {
    if (this.#core || !signal) return await this.#first;
    let giveUp!: () => void;
    const aborted = new Promise<never>(
      (_, reject) => (giveUp = () => reject(new NatsUnavailable(this.name))),
    );
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    return await Promise.race([this.#first, aborted]).finally(() =>
      signal.removeEventListener('abort', giveUp),
    );
  }

  /** The connection, if it can be used now. */
  get connected(): Core | undefined {
    return this.#state === 'connected' ? this.#core : undefined;
  }

  /** Calls back whenever the connection is lost. */
  onDisconnect(callback: () => void): void {
    this.#onDisconnect.add(callback);
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    this.#state = 'closed';
    await this.#core?.close();
  }

  // The last of the hooks: consumers and the relay have stopped in beforeApplicationShutdown.
  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  async #connect(): Promise<Core> {
    const core = await retry(() => this.#attempt(), {
      signal: this.#stopped.signal,
      onFailure: (error, failures) => {
        if (failures > 0) return;
        this.#logger.warn(`NATS at ${shownServers(this.url)} unreachable; retrying. ${error}`);
      },
    });
    if (!core) throw new NatsClosed(this.name);
    return core;
  }

  async #attempt(): Promise<Core> {
    const core = await connect({
      ...natsServers(this.url, this.access),
      name: this.name,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 100,
      timeout: 2_000,
      pingInterval: 10_000,
      maxPingOut: 2,
    });
    if (this.#stopped.signal.aborted) {
      await core.close();
      throw new NatsClosed(this.name);
    }
    this.#core = core;
    this.#state = 'connected';
    void this.#followStatus(core);
    return core;
  }

  async #followStatus(core: Core): Promise<void> {
    for await (const status of core.status()) {
      if (this.#stopped.signal.aborted) return;
      if (status.type === 'disconnect') {
        this.#state = 'reconnecting';
        for (const callback of this.#onDisconnect) callback();
        this.#logger.warn(`NATS at ${status.server} lost; reconnecting.`);
      } else if (status.type === 'reconnect') {
        this.#state = 'connected';
        this.#logger.log(`NATS at ${status.server} reconnected.`);
      }
    }
  }
}

/** The connection was closed, because the process is ending. */
export class NatsClosed extends Error {
  override readonly name = 'NatsClosed';
  readonly code = 'nats.closed';

  constructor(readonly connection: string) {
    super(`The NATS connection of ${connection} is closed.`);
  }
}

/** There is no connection to NATS at the moment; it is being established. */
export class NatsUnavailable extends DomainError {
  static override readonly code = 'nats.unavailable';

  constructor(readonly service: string) {
    super(`${service} is not connected to NATS; it continues automatically once it is.`, {
      title: 'NATS unavailable',
    });
  }
}

import { DomainError } from '@isthmus/domain';
import {
  AuthorizationError,
  connect,
  createInbox,
  type NatsConnection as Core,
  PermissionViolationError,
} from '@nats-io/transport-node';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { causesOf } from '../failure.ts';
import { retry } from '../retry-loop.ts';
import type { NatsKey } from './nats-key.ts';
import { inboxPrefix } from './permissions.ts';

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
  #failure?: 'refused' | 'unreachable';
  /** Denied subjects that have been logged; the client retries some of them continuously. */
  readonly #denied = new Set<string>();

  /** @param key absent for a server that lets anybody in */
  constructor(
    private readonly url: string,
    private readonly name: string,
    private readonly key?: NatsKey,
  ) {
    this.#first = this.#connect();
    // Callers that need the connection await it; if it is closed before it was established, there may be none.
    this.#first.catch(() => undefined);
  }

  get state(): NatsState {
    return this.#state;
  }

  /**
   * Resolves with the connection once it is established; it then reconnects automatically. Rejects if the signal is aborted
   * first.
   */
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

  /** A new subject for responses, which nobody else may subscribe to. */
  newInbox(): string {
    return createInbox(inboxPrefix(this.name));
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
        // The first failure, and the first one of the other kind.
        const kind = error instanceof AuthorizationError ? 'refused' : 'unreachable';
        if (failures > 0 && kind === this.#failure) return;
        this.#failure = kind;
        if (kind === 'refused') this.#logger.error(this.#whyRefused());
        else this.#logger.warn(`NATS at ${withoutPassword(this.url)} unreachable; retrying. ${error}`);
      },
    });
    if (!core) throw new NatsClosed(this.name);
    return core;
  }

  async #attempt(): Promise<Core> {
    const core = await connect({
      servers: this.url,
      name: this.name,
      ...(this.key && { authenticator: this.key.authenticator }),
      inboxPrefix: inboxPrefix(this.name),
      // The error may be in the server's configuration: the service then continues once that is corrected.
      ignoreAuthErrorAbort: true,
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
    if (!core.info?.auth_required)
      this.#logger.warn(
        `NATS at ${withoutPassword(this.url)} lets anybody in; start it with a configuration that names its users.`,
      );
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
      } else if (status.type === 'error') this.#onError(status.error);
    }
  }

  #onError(error: Error): void {
    if (error instanceof AuthorizationError) return this.#logger.error(this.#whyRefused());
    const denied = permissionDenied(this.name, error);
    if (!denied || this.#denied.has(denied.message)) return;
    this.#denied.add(denied.message);
    this.#logger.error(denied.message);
  }

  #whyRefused(): string {
    const server = `NATS at ${withoutPassword(this.url)}`;
    return this.key
      ? `${server} does not know the key ${this.key.publicKey} of ${this.name}; retrying. Add it to the server's configuration, or set NATS_NKEY_SEED_FILE to a key that is in it.`
      : `${server} asks for a key, and ${this.name} has none; retrying. Set NATS_NKEY_SEED_FILE or NATS_NKEY_SEED.`;
  }
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

/** The connection was closed, because the process is ending. */
export class NatsClosed extends Error {
  override readonly name = 'NatsClosed';
  readonly code = 'nats.closed';

  constructor(readonly connection: string) {
    super(`The NATS connection of ${connection} is closed.`);
  }
}

/** There is currently no connection to NATS; it is being established. */
export class NatsUnavailable extends DomainError {
  static override readonly code = 'nats.unavailable';

  constructor(readonly service: string) {
    super(`${service} is not connected to NATS; it continues automatically once it is.`, {
      title: 'NATS unavailable',
    });
  }
}

/** NATS does not let this service do something: its permissions and the code do not belong to the same version. */
export class NatsPermissionDenied extends DomainError {
  static override readonly code = 'nats.permission-denied';

  constructor(
    readonly service: string,
    readonly operation: 'publish' | 'subscribe',
    readonly subject: string,
    options?: ErrorOptions,
  ) {
    super(
      `NATS does not let ${service} ${operation === 'publish' ? 'publish under' : 'subscribe to'} ${subject}. Check that ` +
        `NATS_NKEY_SEED_FILE is the key of ${service}, and that NATS runs with the configuration of this release.`,
      { ...options, title: 'NATS permission denied' },
    );
  }
}

/** The error, if it is, or was caused by, a permission that NATS did not give. */
export function permissionDenied(service: string, error: unknown): NatsPermissionDenied | undefined {
  for (const cause of causesOf(error)) {
    if (!(cause instanceof PermissionViolationError)) continue;
    const operation = cause.operation === 'publish' ? 'publish' : 'subscribe';
    return new NatsPermissionDenied(service, operation, cause.subject, { cause: error });
  }
  return undefined;
}

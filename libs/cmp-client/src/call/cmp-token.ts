import type { Clock } from '@isthmus/domain';
import type { CmpAssumptions } from '../assumptions.ts';
import { CmpContractViolated, CmpRejected } from '../errors.ts';
import type { CmpResponse } from './interpret-response.ts';

/**
 * The token of one connection: fetched when first needed, once for all waiting callers, replaced before it expires, and
 * immediately when CMP no longer accepts it. CMP's tokens depend on a session of its back end and can become invalid early.
 */
export class CmpToken {
  #token: string | undefined;
  private freshUntil = 0;
  #fetching: SharedTask<string> | undefined;

  constructor(
    private readonly fetch: (signal: AbortSignal) => Promise<CmpResponse>,
    private readonly assumptions: CmpAssumptions,
    private readonly clock: Clock,
  ) {}

  get(signal?: AbortSignal): Promise<string> {
    if (this.#token !== undefined && this.clock.now() < this.freshUntil) return Promise.resolve(this.#token);
    if (!this.#fetching || this.#fetching.isCancelled) this.#fetching = this.start();
    return this.#fetching.join(signal);
  }

  /** CMP rejected this token. A token that has been replaced in the meantime is not affected. */
  refuse(token: string): void {
    if (this.#token === token) this.#token = undefined;
  }

  private start(): SharedTask<string> {
    const task = new SharedTask((signal) => this.renew(signal));
    void task.ended.then(() => {
      if (this.#fetching === task) this.#fetching = undefined;
    });
    return task;
  }

  private async renew(signal: AbortSignal): Promise<string> {
    const requestedAt = this.clock.now();
    const { body, correlationId } = await this.fetch(signal);
    const { token, expiresInSeconds } = body as Record<string, unknown>;
    if (typeof token !== 'string' || token === '') {
      const failure = { operation: 'token', outcome: 'not-sent', correlationId } as const;
      // The head of a token's body could hold a token.
      throw new CmpContractViolated('no token in the response', '', failure);
    }
    const lifetime =
      Number(expiresInSeconds) > 0 ? Number(expiresInSeconds) : this.assumptions.tokenLifetimeFallbackSeconds;
    // A lifetime shorter than the margin must not make every call fetch a new token.
    const early = Math.min(this.assumptions.tokenRefreshEarlySeconds, lifetime / 2);
    this.freshUntil = requestedAt + (lifetime - early) * 1000;
    return (this.#token = token);
  }
}

/**
 * Work that several callers wait for. One of them giving up must not take it from the others; when all have given up,
 * the work is cancelled.
 */
export class SharedTask<T> {
  /** Resolves when the work has ended, successfully or not, or is cancelled. */
  readonly ended: Promise<void>;
  private readonly result: Promise<T>;
  private readonly cancelled = new AbortController();
  private waiting = 0;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.result = work(this.cancelled.signal);
    const off = new Promise<void>((resolve) =>
      this.cancelled.signal.addEventListener('abort', () => resolve()),
    );
    const ended = this.result.then(
      () => undefined,
      () => undefined,
    );
    this.ended = Promise.race([ended, off]);
  }

  get isCancelled(): boolean {
    return this.cancelled.signal.aborted;
  }

  /** The result of the work; rejects with the signal's reason when the caller gives up first. */
  async join(signal?: AbortSignal): Promise<T> {
    this.waiting++;
    try {
      return await (signal ? orAborted(this.result, signal) : this.result);
    } finally {
      this.waiting--;
      if (this.waiting === 0) this.cancelled.abort(signal?.reason);
    }
  }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** CMP's messages for an expired session: "Access token is missing, expired or invalid", and others with the same meaning. */
const sessionEndedWords =
  /\b(token|session|jwt)\b.*\b(expired|invalid|missing|not valid|ended|terminated|unknown|revoked)\b|\b(expired|invalid|missing|unknown|revoked)\b.*\b(token|session|jwt)\b/i;

/**
 * A session ends when another one begins, or after a number of calls; with concurrent calls, one new token may not be
 * enough. There is no pause between attempts, during which only another client's session would begin.
 */
export const maxRenewals = 5;

/**
 * Distinguishes a session that CMP has ended from a permission that the user lacks. CMP documents 401 and 403 for the former, and
 * 403 for the latter. A 401, and a 403 that mentions the token, always mean the session. Any other 403 may: it counts as a
 * missing permission only if the operation is also rejected with a new token, and with several of them if it has succeeded
 * before.
 */
export class SessionLosses {
  /**
   * For each operation, the tokens with which it was rejected since it last succeeded, with messages that do not mention tokens.
   */
  readonly #refused = new Map<string, Set<string>>();
  readonly #succeededOperations = new Set<string>();

  /** Whether the rejection of a call made with `token` requires a new one. */
  isSessionLoss(error: unknown, operation: string, token: string): error is CmpRejected {
    if (!(error instanceof CmpRejected)) return false;
    if (mentionsToken(error)) return true;
    if (error.category !== 'permission') return false;
    const tokens = this.#refused.get(operation) ?? new Set();
    this.#refused.set(operation, tokens);
    const most = this.#succeededOperations.has(operation) ? maxRenewals : 1;
    if (tokens.size <= most) tokens.add(token);
    return tokens.size <= most;
  }

  /** Whether any call has succeeded: then the credentials are valid, and a rejection concerns the session. */
  get hasSucceeded(): boolean {
    return this.#succeededOperations.size > 0;
  }

  succeeded(operation: string): void {
    this.#succeededOperations.add(operation);
    this.#refused.delete(operation);
  }
}

export const mentionsToken = ({ category, httpStatus, cmpMessage = '' }: CmpRejected): boolean =>
  (category === 'credentials' && httpStatus === 401) ||
  (category === 'permission' && httpStatus === 403 && sessionEndedWords.test(cmpMessage));

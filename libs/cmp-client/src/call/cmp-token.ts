import type { Clock } from '@isthmus/domain';
import type { CmpAssumptions } from '../assumptions.ts';
import { CmpContractBroken } from '../errors/cmp-contract-broken.error.ts';
import type { CmpAnswer } from './judge.ts';
import { SharedTask } from './shared-task.ts';

/**
 * The token of one connection: fetched when first needed, once for all who wait for it, replaced before it ends, and
 * at once when CMP no longer takes it. CMP's tokens hang on a session of its back end and can die early.
 */
export class CmpToken {
  #token: string | undefined;
  private freshUntil = 0;
  #fetching: SharedTask<string> | undefined;

  constructor(
    private readonly fetch: (signal: AbortSignal) => Promise<CmpAnswer>,
    private readonly assumptions: CmpAssumptions,
    private readonly clock: Clock,
  ) {}

  get(signal?: AbortSignal): Promise<string> {
    if (this.#token !== undefined && this.clock.now() < this.freshUntil) return Promise.resolve(this.#token);
    if (!this.#fetching || this.#fetching.isOff) this.#fetching = this.start();
    return this.#fetching.join(signal);
  }

  /** CMP refused this token. One that has been replaced meanwhile is left alone. */
  refuse(token: string): void {
    if (this.#token === token) this.#token = undefined;
  }

  private start(): SharedTask<string> {
    const task = new SharedTask((signal) => this.renew(signal));
    void task.over.then(() => {
      if (this.#fetching === task) this.#fetching = undefined;
    });
    return task;
  }

  private async renew(signal: AbortSignal): Promise<string> {
    const askedAt = this.clock.now();
    const { body, correlationId } = await this.fetch(signal);
    const { token, expiresInSeconds } = body as Record<string, unknown>;
    if (typeof token !== 'string' || token === '') {
      const failure = { operation: 'token', outcome: 'not-sent', correlationId } as const;
      // The head of a token's body could hold a token.
      throw new CmpContractBroken('no token in the answer', '', failure);
    }
    const lifetime =
      Number(expiresInSeconds) > 0 ? Number(expiresInSeconds) : this.assumptions.tokenLifetimeFallbackSeconds;
    // A lifetime shorter than the margin must not make every call fetch a new token.
    const early = Math.min(this.assumptions.tokenRefreshEarlySeconds, lifetime / 2);
    this.freshUntil = askedAt + (lifetime - early) * 1000;
    return (this.#token = token);
  }
}

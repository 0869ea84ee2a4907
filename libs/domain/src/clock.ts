import { setTimeout as wait } from 'node:timers/promises';

/** The source of time. Passed as a parameter, so that a test or a simulation controls time. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: Date.now,
  async sleep(ms, signal) {
    try {
      await wait(ms, undefined, { signal });
    } catch (error) {
      throw signal?.reason ?? error;
    }
  },
};

/** A clock for seeded simulations: time moves only by {@link VirtualClock.advance}, which wakes sleepers in order. */
export class VirtualClock implements Clock {
  private sleepers: { at: number; wake: () => void }[] = [];

  constructor(private time = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { at: this.time + Math.max(0, ms), wake: done };
      const abort = () => {
        this.sleepers = this.sleepers.filter((other) => other !== sleeper);
        reject(signal!.reason);
      };
      function done() {
        signal?.removeEventListener('abort', abort);
        resolve();
      }
      signal?.addEventListener('abort', abort, { once: true });
      this.insert(sleeper);
    });
  }

  /** Moves time on by `ms`, waking each sleeper at its moment and letting it run before the next one wakes. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settled();
    for (let next = this.sleepers[0]; next && next.at <= end; next = this.sleepers[0]) {
      this.sleepers.shift();
      this.time = Math.max(this.time, next.at);
      next.wake();
      await settled();
    }
    this.time = end;
  }

  private insert(sleeper: { at: number; wake: () => void }): void {
    const index = this.sleepers.findIndex(({ at }) => at > sleeper.at);
    this.sleepers.splice(index < 0 ? this.sleepers.length : index, 0, sleeper);
  }
}

/** Every promise that can continue without time has continued: an immediate runs after the whole microtask queue. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

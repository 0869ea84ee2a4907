import type { Clock } from '@isthmus/domain';
import { type OrderStore, StoreFailed } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import type { Random } from './random.ts';

const minute = 60_000;

/** Runs a transaction; or fails without it, or after its commit. */
export type Transact = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * A database that fails before a commit and after one, keeps a caller waiting before it does either, and is unavailable
 * for some minutes of the day.
 */
export function faultyDatabase(clock: Clock, random: Random): Transact {
  const rate = random.pick([0, 0, 0.002, 0.01]);
  const outages = Array.from({ length: random.chance(0.3) ? random.between(1, 2) : 0 }, () => {
    const from = clock.now() + random.between(10 * minute, 20 * 60 * minute);
    return { from, until: from + random.between(minute, 45 * minute) };
  });
  const away = () => outages.some(({ from, until }) => clock.now() >= from && clock.now() < until);
  return async (work) => {
    if (away() || random.chance(rate)) throw new StoreFailed();
    if (random.chance(rate / 4)) await clock.sleep(random.between(1_000, 2 * minute));
    const answer = await work();
    if (random.chance(rate)) throw new StoreFailed();
    return answer;
  };
}

/** The store of orders over such a database. */
export const throughDatabase = (store: OrderStore, transact: Transact): OrderStore => ({
  claimDue: (worker) => transact(() => store.claimDue(worker)),
  save: (claimed, next, more) => transact(() => store.save(claimed, next, more)),
  release: (claimed) => transact(() => store.release(claimed)),
  recordLateResponse: (orderId, answer) => transact(() => store.recordLateResponse(orderId, answer)),
});

/** How often a worker dies or stands still, per call it makes. */
export interface ProcessFaults {
  crash: number;
  pause: number;
  longestPause: number;
}

/**
 * One life of a worker. At every gap, before and after each call to the outside, it may be killed, after which nothing
 * of it happens any more, or stand still like a stopped process and go on as if nothing had been.
 */
export class Incarnation {
  private over = false;
  readonly ended: Promise<void>;
  private end!: () => void;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly processFaults: ProcessFaults,
  ) {
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  get alive(): boolean {
    return !this.over;
  }

  kill(): void {
    this.over = true;
    this.end();
  }

  /** What this life calls: the same methods, with gaps around each. */
  reach<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const member = Reflect.get(object, name) as unknown;
        if (typeof member === 'object' && member !== null) return this.reach(member);
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]) => {
          await this.gap();
          const settled = await outcome(() =>
            (member as (...all: unknown[]) => unknown).apply(object, given),
          );
          await this.gap();
          if ('error' in settled) throw settled.error;
          return settled.value;
        };
      },
    });
  }

  private async gap(): Promise<void> {
    if (this.alive && this.random.chance(this.processFaults.crash)) this.kill();
    if (this.alive && this.random.chance(this.processFaults.pause))
      await this.clock.sleep(this.random.between(1_000, this.processFaults.longestPause));
    if (!this.alive) await new Promise(() => undefined);
  }
}

async function outcome(act: () => unknown): Promise<{ value: unknown } | { error: unknown }> {
  try {
    return { value: await act() };
  } catch (error) {
    return { error };
  }
}

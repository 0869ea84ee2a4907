import { VirtualClock } from '@isthmus/domain';
import type { CmpAssumptions } from '../assumptions.ts';
import type { Lane } from '../budget/ledger.ts';
import { type BudgetStore, InMemoryBudgetStore } from '../budget/budget-store.ts';
import { CallBudget } from '../budget/call-budget.ts';

/** A seeded generator (mulberry32), so that every run is the same. */
function seededRandom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A shared store that takes a moment, as one across a network does. */
class SlowStore implements BudgetStore {
  trips = 0;
  private readonly inner = new InMemoryBudgetStore();
  constructor(
    private readonly clock: VirtualClock,
    private readonly random: () => number,
  ) {}
  async get(key: string) {
    await this.trip();
    return this.inner.get(key);
  }
  async put(key: string, value: string, revision: number | undefined) {
    await this.trip();
    return this.inner.put(key, value, revision);
  }
  private trip() {
    this.trips++;
    return this.clock.sleep(1 + this.random() * 2);
  }
}

/** Several processes that share a subscription key, in front of a limiter, with a simulated clock; calls reach it up to `lateMs` later than others. */
export function budgetSimulation(
  seed: number,
  limiter: WindowLimiter | RateLimiter,
  assumptions: Partial<CmpAssumptions>,
  lateMs = 60,
) {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const store = new SlowStore(clock, random);
  const server = new Observed(limiter);
  const process = () =>
    CallBudget.of('key', store, { clock, random, assumptions: { callsPerDay: null, ...assumptions } });
  const call = async (budget: CallBudget, lane: Lane, signal?: AbortSignal) => {
    await budget.acquire(lane, { signal });
    const sentAt = clock.now();
    await clock.sleep(20 + random() * lateMs);
    const wait = server.arrive(clock, sentAt);
    await clock.sleep(20);
    if (wait !== undefined) await budget.throttled(wait, sentAt);
  };
  const work = async (budget: CallBudget, lane: Lane, workers: number) => {
    await Promise.all(
      Array.from({ length: workers }, async () => {
        for (;;) await call(budget, lane);
      }),
    );
  };
  return { clock, store, server, process, call, work };
}

/** Simulates the limiter in front of CMP: at most this many calls in any window. */
export class WindowLimiter {
  private readonly taken: number[] = [];

  constructor(
    public limit: number,
    private readonly windowMs = 60_000,
  ) {}

  /** Returns undefined if the call may pass, otherwise how long to wait in ms. */
  call(now: number): number | undefined {
    while (this.taken.length > 0 && this.taken[0]! <= now - this.windowMs) this.taken.shift();
    if (this.taken.length < this.limit) {
      this.taken.push(now);
      return undefined;
    }
    return Math.ceil((this.taken[this.taken.length - this.limit]! + this.windowMs - now) / 1000) * 1000;
  }
}

/** Simulates a limit as a rate per minute, with a small burst. */
export class RateLimiter {
  private tokens: number;
  private at = 0;

  constructor(
    public limit: number,
    private readonly burst: number,
  ) {
    this.tokens = burst;
  }

  call(now: number): number | undefined {
    const perMs = this.limit / 60_000;
    this.tokens = Math.min(this.burst, this.tokens + (now - this.at) * perMs);
    this.at = now;
    if (this.tokens >= 1) {
      this.tokens--;
      return undefined;
    }
    return Math.ceil((1 - this.tokens) / perMs / 1000) * 1000;
  }
}

/** Records the calls that reached the server. */
export class Observed {
  accepted: number[] = [];
  refused: number[] = [];
  /** Calls sent during a wait that the server had requested, by a process that could know. */
  insideRetryAfter = 0;
  private closedUntil = 0;
  private closedSince = 0;

  constructor(private readonly limiter: WindowLimiter | RateLimiter) {}

  /** A call sent at `sentAt` arrives now. */
  arrive(clock: VirtualClock, sentAt: number): number | undefined {
    const now = clock.now();
    if (sentAt > this.closedSince + 100 && sentAt < this.closedUntil) this.insideRetryAfter++;
    const wait = this.limiter.call(now);
    if (wait === undefined) this.accepted.push(now);
    else {
      this.refused.push(now);
      this.closedSince = now;
      this.closedUntil = now + wait;
    }
    return wait;
  }

  /** The share of the limit that was used between two moments. */
  share(from: number, to: number, limit: number): number {
    const count = this.accepted.filter((at) => at >= from && at < to).length;
    return count / ((limit * (to - from)) / 60_000);
  }

  /** The most calls in any window, sliding over all arrivals. */
  mostInWindow(windowMs = 60_000): number {
    let most = 0;
    for (let first = 0, last = 0; last < this.accepted.length; last++) {
      while (this.accepted[first]! <= this.accepted[last]! - windowMs) first++;
      most = Math.max(most, last - first + 1);
    }
    return most;
  }
}

import { VirtualClock } from '@isthmus/domain';
import type { CmpAssumptions } from '../assumptions.ts';
import type { BudgetStore } from '../budget/budget-store.ts';
import { CallBudget } from '../budget/call-budget.ts';
import { InMemoryBudgetStore } from '../budget/in-memory-budget-store.ts';
import type { Lane } from '../lane.ts';
import { Observed, type RateLimiter, type WindowLimiter } from './limited-server.ts';

/** A seeded generator (mulberry32), so that every run is the same. */
function dice(seed: number): () => number {
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

/** Several processes that share a subscription key, before a limiter, on a clock of their own. */
export function budgetWorld(
  seed: number,
  limiter: WindowLimiter | RateLimiter,
  assumptions: Partial<CmpAssumptions>,
) {
  const clock = new VirtualClock();
  const random = dice(seed);
  const store = new SlowStore(clock, random);
  const server = new Observed(limiter);
  const process = () =>
    CallBudget.of('key', store, { clock, random, assumptions: { callsPerDay: null, ...assumptions } });
  const call = async (budget: CallBudget, lane: Lane, signal?: AbortSignal) => {
    await budget.acquire(lane, { signal });
    const sentAt = clock.now();
    await clock.sleep(20 + random() * 60);
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

import type { Clock } from '@isthmus/domain';
import type { CmpOrdering } from '@isthmus/subscription-lifecycle/orders/protocol/order-at-cmp.ts';
import {
  type OrderingRules,
  orderingRules,
  type OrderStore,
} from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import { defaultRetryPolicy } from '@isthmus/subscription-lifecycle/orders/protocol/retry-policy.ts';
import { ModelCmp } from '../cmp/model-cmp.ts';
import { drawUnknownBehaviour } from '../cmp/model-records.ts';
import { simulatedCmp, type SimulatedCmp } from '../cmp/simulated-cmp.ts';
import { type EventRules, eventRules } from './event-rules.ts';
import { MemoryStore, OrderIntake } from './memory-store.ts';
import { faultyDatabase, type ProcessFaults, throughDatabase, type Transact } from './process-faults.ts';
import type { Random } from './random.ts';

const hour = 3_600_000;

/** What a worker has around it, and what a bug may replace. */
export interface WorkerWorld {
  clock: Clock;
  store: OrderStore & { nextDueAt(): number; readonly changed: Promise<void> };
  /** What stands between people and the store. */
  database: Transact;
  /** The store as a worker reaches it. */
  orderStore: OrderStore;
  intake: OrderIntake;
  cmp: CmpOrdering;
  events: EventRules;
  rules: OrderingRules;
  processFaults: ProcessFaults;
  /** Errors that no worker may have. */
  defects: string[];
}

/** Where a scenario takes place. */
export interface World extends WorkerWorld {
  seed: number;
  store: MemoryStore;
  model: ModelCmp;
  /** CMP as the mirror reaches it, and as the operator sees it. */
  line: SimulatedCmp;
}

/** CMP, the service and what is wrong with the line, the database and the workers between them, drawn from the seed. */
export function drawWorld(seed: number, clock: Clock, random: Random): World {
  const model = new ModelCmp(() => clock.now(), drawUnknownBehaviour(random.fork('ways')));
  const store = new MemoryStore(clock, seed);
  const database = faultyDatabase(clock, random.fork('database'));
  const line = simulatedCmp(model, clock, random.fork('cmp'));
  const longestPause = random.chance(0.3) ? 8 * hour : 5 * 60_000;
  return {
    seed,
    clock,
    model,
    store,
    database,
    orderStore: throughDatabase(store, database),
    intake: new OrderIntake(store),
    cmp: line,
    line,
    events: { ...eventRules },
    defects: [],
    rules: { ...orderingRules, retryPolicy: { ...defaultRetryPolicy }, listing: { pageSize: 4, overlap: 1 } },
    processFaults: {
      crash: random.pick([0, 0.004, 0.02]),
      pause: random.pick([0, 0.004, 0.02]),
      longestPause,
    },
  };
}

import type { Clock } from '@isthmus/domain';
import { defaultRetryPolicy } from '@isthmus/subscription-lifecycle/orders/protocol/retry-policy.ts';
import { orderingRules } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import { badDatabase, behind } from './bad-database.ts';
import { ModelCmp } from './cmp/model-cmp.ts';
import { simulatedCmp, type SimulatedCmp } from './cmp/simulated-cmp.ts';
import { drawWays } from './cmp/ways.ts';
import { CommandDesk } from './command-desk.ts';
import type { Dice } from './dice.ts';
import { eventRules } from './events/event-rules.ts';
import { MemoryStore } from './memory-store.ts';
import type { WorkerWorld } from './worker.ts';

const hour = 3_600_000;

/** Where a story takes place. */
export interface World extends WorkerWorld {
  seed: number;
  store: MemoryStore;
  model: ModelCmp;
  /** CMP as the mirror reaches it, and as the operator sees it. */
  line: SimulatedCmp;
}

/** CMP, the service and what is wrong with the line, the database and the workers between them, drawn from the seed. */
export function drawWorld(seed: number, clock: Clock, dice: Dice): World {
  const model = new ModelCmp(() => clock.now(), drawWays(dice.fork('ways')));
  const store = new MemoryStore(clock, seed);
  const database = badDatabase(clock, dice.fork('database'));
  const line = simulatedCmp(model, clock, dice.fork('cmp'));
  const longestPause = dice.chance(0.3) ? 8 * hour : 5 * 60_000;
  return {
    seed,
    clock,
    model,
    store,
    database,
    held: behind(store, database),
    desk: new CommandDesk(store),
    cmp: line,
    line,
    events: { ...eventRules },
    defects: [],
    rules: { ...orderingRules, retryPolicy: { ...defaultRetryPolicy }, listing: { pageSize: 4, overlap: 1 } },
    hardships: { crash: dice.pick([0, 0.004, 0.02]), pause: dice.pick([0, 0.004, 0.02]), longestPause },
  };
}

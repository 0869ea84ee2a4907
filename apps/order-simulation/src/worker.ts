import type { Clock } from '@isthmus/domain';
import { LeaseLost } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import type { OrderStore } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import { StoreFailed } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import type { OrderingRules } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import { workOnOne } from '@isthmus/subscription-lifecycle/orders/protocol/order-steps.ts';
import type { CmpOrdering } from '@isthmus/subscription-lifecycle/orders/protocol/order-at-cmp.ts';
import type { Transact } from './bad-database.ts';
import type { CommandDesk } from './command-desk.ts';
import type { Dice } from './dice.ts';
import type { EventRules } from './events/event-rules.ts';
import { Incarnation, type Hardships } from './incarnation.ts';

export interface WorkerWorld {
  clock: Clock;
  store: OrderStore & { nextDueAt(): number; readonly changed: Promise<void> };
  /** What stands between people and the store. */
  database: Transact;
  /** The store as a worker reaches it. */
  held: OrderStore;
  desk: CommandDesk;
  cmp: CmpOrdering;
  events: EventRules;
  rules: OrderingRules;
  hardships: Hardships;
  /** Errors that no worker may have. */
  defects: string[];
}

const pollMs = 5_000;
/** Making an error of its own for each waking took a tenth of the time. */
const woken = new Error('woken');

/** A worker process that is started again some time after it died, as long as the world stands. */
export async function runWorker(name: string, world: WorkerWorld, dice: Dice): Promise<void> {
  for (;;) {
    const life = new Incarnation(world.clock, dice, world.hardships);
    void live(name, world, life);
    await life.ended;
    await world.clock.sleep(dice.between(1_000, 600_000));
  }
}

async function live(name: string, world: WorkerWorld, life: Incarnation): Promise<void> {
  const { clock, rules } = world;
  const store = life.reach(world.held);
  const cmp = life.reach(world.cmp);
  while (life.alive) {
    try {
      if (await workOnOne(name, { clock, store, rules, openCmp: () => Promise.resolve(cmp) })) continue;
    } catch (error) {
      // Somebody else goes on with that order.
      if (error instanceof LeaseLost) continue;
      if (error instanceof StoreFailed) {
        await clock.sleep(pollMs);
        continue;
      }
      world.defects.push(String(error));
      life.kill();
    }
    await idle(world);
  }
}

/** Until something is due, something comes in, or it is time to see whether somebody else died over an order. */
async function idle({ clock, store }: WorkerWorld): Promise<void> {
  const awake = new AbortController();
  const due = Math.max(500, store.nextDueAt() - clock.now());
  const nap =
    due === Infinity ? new Promise<void>(() => undefined) : clock.sleep(Math.min(due, 600_000), awake.signal);
  await Promise.race([nap.catch(() => undefined), store.changed]);
  awake.abort(woken);
}

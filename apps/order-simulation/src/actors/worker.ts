import { workOnOne } from '@isthmus/subscription-lifecycle/orders/protocol/order-steps.ts';
import { LeaseLost, StoreFailed } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import { Incarnation } from '../world/process-faults.ts';
import type { Random } from '../world/random.ts';
import type { WorkerWorld } from '../world/world.ts';

const pollMs = 5_000;
/** A shared error object: creating one for each wake-up took a tenth of the time. */
const woken = new Error('woken');

/** A worker process that is started again some time after it died, for as long as the scenario lasts. */
export async function runWorker(name: string, world: WorkerWorld, random: Random): Promise<void> {
  for (;;) {
    const life = new Incarnation(world.clock, random, world.processFaults);
    void live(name, world, life);
    await life.ended;
    await world.clock.sleep(random.between(1_000, 600_000));
  }
}

async function live(name: string, world: WorkerWorld, life: Incarnation): Promise<void> {
  const { clock, rules } = world;
  const store = life.reach(world.orderStore);
  const cmp = life.reach(world.cmp);
  while (life.alive) {
    try {
      if (await workOnOne(name, { clock, store, rules, openCmp: () => Promise.resolve(cmp) })) continue;
    } catch (error) {
      // Another worker has that order now.
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

/** Until an order is due, something comes in, or it is time to look for orders whose worker died. */
async function idle({ clock, store }: WorkerWorld): Promise<void> {
  const awake = new AbortController();
  const due = Math.max(500, store.nextDueAt() - clock.now());
  const nap =
    due === Infinity ? new Promise<void>(() => undefined) : clock.sleep(Math.min(due, 600_000), awake.signal);
  await Promise.race([nap.catch(() => undefined), store.changed]);
  awake.abort(woken);
}

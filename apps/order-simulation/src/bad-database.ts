import type { Clock } from '@isthmus/domain';
import { StoreFailed } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import type { OrderStore } from '@isthmus/subscription-lifecycle/orders/protocol/ordering.ts';
import type { Dice } from './dice.ts';

const minute = 60_000;

/** Runs a transaction, or does not, or does and loses the answer. */
export type Transact = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * A database that fails before a commit and after one, keeps a caller waiting before it does either, and is away for
 * some minutes of the day.
 */
export function badDatabase(clock: Clock, dice: Dice): Transact {
  const rate = dice.pick([0, 0, 0.002, 0.01]);
  const outages = Array.from({ length: dice.chance(0.3) ? dice.between(1, 2) : 0 }, () => {
    const from = clock.now() + dice.between(10 * minute, 20 * 60 * minute);
    return { from, until: from + dice.between(minute, 45 * minute) };
  });
  const away = () => outages.some(({ from, until }) => clock.now() >= from && clock.now() < until);
  return async (work) => {
    if (away() || dice.chance(rate)) throw new StoreFailed();
    if (dice.chance(rate / 4)) await clock.sleep(dice.between(1_000, 2 * minute));
    const answer = await work();
    if (dice.chance(rate)) throw new StoreFailed();
    return answer;
  };
}

/** The store of orders behind such a database. */
export const behind = (store: OrderStore, transact: Transact): OrderStore => ({
  claimDue: (worker) => transact(() => store.claimDue(worker)),
  save: (held, next, more) => transact(() => store.save(held, next, more)),
  release: (held) => transact(() => store.release(held)),
  recordLateAnswer: (orderId, answer) => transact(() => store.recordLateAnswer(orderId, answer)),
});

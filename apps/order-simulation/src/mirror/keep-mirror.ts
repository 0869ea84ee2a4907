import { isCmpError } from '@isthmus/cmp-client';
import { sweep, tick, type Reading } from './read-cmp.ts';

const minute = 60_000;
const hour = 60 * minute;

/** The reader was killed between two transactions. */
class Killed extends Error {
  override readonly name = 'Killed';
}

/** How far the mirror is known to be right: everything that happened at CMP before this was read. */
export interface Freshness {
  readAt: number;
}

/** Reads CMP again and again, now and then after hours of doing nothing, as long as the story lasts. */
export async function keepMirror(given: Omit<Reading, 'gap'>, freshness: Freshness): Promise<never> {
  const { clock, dice } = given;
  const rate = dice.pick([0, 0.005, 0.03]);
  const away = dice.chance(0.4);
  const reading: Reading = {
    ...given,
    gap() {
      if (dice.chance(rate)) throw new Killed();
    },
  };
  const began = clock.now();
  for (let rounds = 0; ; rounds += 1) {
    const startedAt = clock.now();
    try {
      // Somebody has one account synced, which reads its list without the orders.
      if (dice.chance(0.1)) await sweep(reading);
      const ticked = await tick(reading);
      if (rounds % 4 === 0 && (await sweep(reading)) && ticked) freshness.readAt = startedAt;
    } catch (error) {
      if (!isCmpError(error) && !(error instanceof Killed)) throw error;
      // A sweep that failed is due again.
      rounds -= 1;
    }
    await clock.sleep(pauseAfter());
  }

  function pauseAfter(): number {
    if (away && dice.chance(0.2)) return dice.between(2 * hour, 12 * hour);
    const day = clock.now() - began < 20 * hour;
    return day ? dice.between(5 * minute, hour) : dice.between(hour, 4 * hour);
  }
}

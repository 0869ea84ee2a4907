import { playStory } from './story.ts';

/** What some stories came to. Plain data: it travels between threads. */
export interface Batch {
  seeds: number;
  orders: number;
  curable: number;
  unaided: number;
  /** How many orders ended in which status. */
  ends: Record<string, number>;
  violations: { seed: number; rule: string; detail: string }[];
}

export const nothing = (): Batch => ({
  seeds: 0,
  orders: 0,
  curable: 0,
  unaided: 0,
  ends: {},
  violations: [],
});

/** Plays stories one after the other. */
export async function playBatch(firstSeed: number, seeds: number): Promise<Batch> {
  let sum = nothing();
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const { orders, curable, unaided, violations } = await playStory(seed);
    const ends: Record<string, number> = {};
    for (const { status } of orders) ends[status] = (ends[status] ?? 0) + 1;
    const found = violations.map((violation) => ({ seed, ...violation }));
    sum = add(sum, { seeds: 1, orders: orders.length, curable, unaided, ends, violations: found });
  }
  return sum;
}

export function add(one: Batch, other: Batch): Batch {
  const ends = { ...one.ends };
  for (const [status, count] of Object.entries(other.ends)) ends[status] = (ends[status] ?? 0) + count;
  return {
    seeds: one.seeds + other.seeds,
    orders: one.orders + other.orders,
    curable: one.curable + other.curable,
    unaided: one.unaided + other.unaided,
    ends,
    violations: [...one.violations, ...other.violations],
  };
}

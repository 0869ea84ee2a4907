import { add, nothing, type Batch } from './batch.ts';

/** Plays some stories somewhere: here, or on another thread. */
export type Play = (firstSeed: number, seeds: number) => Promise<Batch>;

const atOnce = 100;

/** Plays stories and prints what they came to; a seed that went wrong with how to see it again. */
export async function simulate(
  firstSeed: number,
  seeds: number,
  say: (line: string) => void,
  play: Play,
): Promise<Batch> {
  const startedAt = performance.now();
  const batches: Promise<Batch>[] = [];
  for (let done = 0; done < seeds; done += atOnce)
    batches.push(play(firstSeed + done, Math.min(atOnce, seeds - done)));
  const sum = (await Promise.all(batches)).reduce(add, nothing());
  for (const [seed, violations] of Map.groupBy(sum.violations, ({ seed }) => seed)) {
    for (const { rule, detail } of violations) say(`seed ${seed}: ${rule}: ${detail}`);
    say(`  replay: npm run simulate -- --seed ${seed}`);
  }
  const took = (performance.now() - startedAt) / 1000;
  const ends = Object.entries(sum.ends).map(([status, count]) => `${count} ${status}`);
  say(`${seeds} seeds from ${firstSeed}: ${sum.orders} orders in ${took.toFixed(1)} s; ${ends.join(', ')}.`);
  const violated = new Set(sum.violations.map(({ seed }) => seed)).size;
  say(`violated: ${violated}; ended unaided, where that was possible: ${(shareOf(sum) * 100).toFixed(2)} %.`);
  return sum;
}

const shareOf = ({ curable, unaided }: Batch): number => (curable === 0 ? 1 : unaided / curable);

/** A handful of stories may all be hard ones; the share is a promise about many. */
export const enoughUnaided = (sum: Batch): boolean => sum.seeds < 100 || shareOf(sum) >= 0.99;

import { runScenario, type ScenarioResult } from './scenario.ts';

/** The outcome of some scenarios. Plain data: it travels between threads. */
export interface Batch {
  seeds: number;
  orders: number;
  curable: number;
  unaided: number;
  /** How many orders ended in which status. */
  ends: Record<string, number>;
  violations: { seed: number; rule: string; detail: string }[];
}

const emptyBatch = (): Batch => ({
  seeds: 0,
  orders: 0,
  curable: 0,
  unaided: 0,
  ends: {},
  violations: [],
});

/** Runs scenarios one after the other. */
export async function runBatch(firstSeed: number, seeds: number): Promise<Batch> {
  let sum = emptyBatch();
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    sum = add(sum, batchOf(await runScenario(seed)));
  }
  return sum;
}

function batchOf({ seed, orders, curable, unaided, violations }: ScenarioResult): Batch {
  const ends: Record<string, number> = {};
  for (const { status } of orders) ends[status] = (ends[status] ?? 0) + 1;
  const found = violations.map((violation) => ({ seed, ...violation }));
  return { seeds: 1, orders: orders.length, curable, unaided, ends, violations: found };
}

function add(one: Batch, other: Batch): Batch {
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

/** Runs some scenarios somewhere: here, or on another thread. */
type RunBatch = (firstSeed: number, seeds: number) => Promise<Batch>;

const atOnce = 100;

/** Runs scenarios and prints their outcome; a seed that violates a rule with how to replay it. */
export async function runScenarios(
  firstSeed: number,
  seeds: number,
  print: (line: string) => void,
  run: RunBatch,
): Promise<Batch> {
  const startedAt = performance.now();
  const batches: Promise<Batch>[] = [];
  for (let done = 0; done < seeds; done += atOnce)
    batches.push(run(firstSeed + done, Math.min(atOnce, seeds - done)));
  const sum = (await Promise.all(batches)).reduce(add, emptyBatch());
  for (const [seed, violations] of Map.groupBy(sum.violations, ({ seed }) => seed)) {
    for (const { rule, detail } of violations) print(`seed ${seed}: ${rule}: ${detail}`);
    print(`  replay: npm run simulate -- --seed ${seed}`);
  }
  const took = (performance.now() - startedAt) / 1000;
  const ends = Object.entries(sum.ends).map(([status, count]) => `${count} ${status}`);
  print(
    `${seeds} seeds from ${firstSeed}: ${sum.orders} orders in ${took.toFixed(1)} s; ${ends.join(', ')}.`,
  );
  const violated = new Set(sum.violations.map(({ seed }) => seed)).size;
  print(
    `violated: ${violated}; ended unaided, where that was possible: ${(shareOf(sum) * 100).toFixed(2)} %.`,
  );
  return sum;
}

const shareOf = ({ curable, unaided }: Batch): number => (curable === 0 ? 1 : unaided / curable);

/** A handful of scenarios may all be hard ones; the share is a promise about many. */
export const enoughUnaided = (sum: Batch): boolean => sum.seeds < 100 || shareOf(sum) >= 0.99;

/** Replays one scenario, step by step. */
export async function replayScenario(seed: number, print: (line: string) => void): Promise<Batch> {
  const result = await runScenario(seed, undefined, print);
  for (const { id, spec, status, reason, cmpOrderId, requestedAt, finishedAt } of result.orders) {
    const hours = finishedAt === null ? '?' : ((finishedAt - requestedAt) / 3_600_000).toFixed(2);
    const about = `${id.slice(-4)} ${spec.kind.padEnd(16)} ${status.padEnd(12)}`;
    print(`${about} ${reason ?? ''} ${cmpOrderId ?? ''} after ${hours} h`);
  }
  for (const { rule, detail } of result.violations) print(`${rule}: ${detail}`);
  return batchOf(result);
}

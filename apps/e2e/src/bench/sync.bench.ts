import { inTurns, spread } from './paired.ts';
import type { Finding } from './report.ts';
import { runProgram } from './stack/program.ts';
import { startSyncStack, tenantId, type SyncStack } from './stack/sync-stack.ts';
import { startWorker } from './stack/worker-sync.ts';

const subscriptions = Number(process.env.BENCH_SUBSCRIPTIONS ?? 100_000);
const pairs = Number(process.env.BENCH_PAIRS ?? 5);

/** P1, P1b: the listing phase of a full sync into an empty mirror, beside its floor and beside another sync engine. */
export async function measure(): Promise<Finding[]> {
  const stack = await startSyncStack({ customers: subscriptions / 20, subscriptions, cachePages: true });
  try {
    process.stderr.write(`Full sync of ${subscriptions} subscriptions, ms:\n`);
    await Promise.all([byWorker(stack), byFloor(stack)]); // fills the page server, and is not counted
    const rounds = await inTurns(pairs, {
      worker: () => byWorker(stack),
      floor: () => byFloor(stack),
    });
    const ratio = spread(rounds.map(({ worker, floor }) => worker / floor));
    return [
      {
        id: 'P1',
        what: `full sync of ${subscriptions} subscriptions / floor`,
        figure: `${ratio.median.toFixed(2)} × (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`,
        must: '≤ 1.5 ×',
        aim: '1.2 ×',
        passed: ratio.median <= 1.5,
      },
    ];
  } finally {
    await stack.stop();
  }
}

async function byWorker(stack: SyncStack): Promise<number> {
  const worker = await startWorker(stack);
  try {
    const { listingMs, counts } = await worker.sync();
    if (counts.appeared !== subscriptions) throw new Error(`Not everything came: ${JSON.stringify(counts)}`);
    return listingMs;
  } finally {
    await worker.stop();
    await stack.databases.drop(worker.databaseUrl);
  }
}

async function byFloor(stack: SyncStack): Promise<number> {
  const { apiUrl, connectorId, databases } = stack;
  const databaseUrl = await databases.fresh('floor');
  try {
    const { ms, rows } = await runProgram<{ ms: number; rows: number }>('floors/fetch-and-upsert.js', {
      apiUrl,
      databaseUrl,
      tenantId,
      connectorId,
    });
    if (rows !== subscriptions) throw new Error(`The floor wrote ${rows} rows.`);
    return ms;
  } finally {
    await databases.drop(databaseUrl);
  }
}

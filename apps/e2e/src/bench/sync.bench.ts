import { fetchStripeSyncEngine } from './others/fetch-stripe-sync-engine.ts';
import { inTurns, shownSpread, spread } from './paired.ts';
import type { Finding } from './report.ts';
import { runProgram } from './stack/program.ts';
import { endAll } from './stack/endings.ts';
import { startSyncStack, tenantId, type SyncStack } from './stack/sync-stack.ts';
import { startWorker } from './stack/worker-sync.ts';

const subscriptions = Number(process.env.BENCH_SUBSCRIPTIONS ?? 100_000);
const pairs = Number(process.env.BENCH_PAIRS ?? 5);

/** P1, P1b: the listing phase of a full sync into an empty mirror, beside its floor and beside another sync engine. */
export async function measure(): Promise<Finding[]> {
  const engine = await fetchStripeSyncEngine();
  const stack = await startSyncStack({
    customers: subscriptions / 20,
    subscriptions,
    cachePages: true,
    now: '2026-11-02T09:00:00Z',
  });
  try {
    process.stderr.write(`Full sync of ${subscriptions} subscriptions, ms:\n`);
    await Promise.all([byWorker(stack, 'here'), byFloor(stack)]); // fills the page server, and is not counted
    const rounds = await inTurns(pairs, {
      worker: () => byWorker(stack, 'later'),
      floor: () => byFloor(stack),
      relaying: () => byWorker(stack, 'here'),
    });
    const findings = [
      againstFloor(
        `full sync of ${subscriptions} subscriptions / floor`,
        rounds.map(({ worker, floor }) => worker / floor),
      ),
      againstFloor(
        'the same, its events published meanwhile / floor',
        rounds.map(({ relaying, floor }) => relaying / floor),
      ),
    ];
    if (!engine) return findings;
    const [other] = await inTurns(1, {
      engine: () => byProgram(stack, 'others/stripe-sync-engine.js', { engine }),
    });
    return [...findings, againstEngine(rounds, other!.engine)];
  } finally {
    await endAll();
  }
}

function againstFloor(what: string, ratios: number[]): Finding {
  const ratio = spread(ratios);
  return {
    id: 'P1',
    what,
    figure: shownSpread(ratio, ' ×'),
    must: '≤ 1.5 ×',
    aim: '1.2 ×',
    passed: ratio.median <= 1.5,
  };
}

/** One run of the engine takes as long as all the others together; each of our runs is compared with it. */
function againstEngine(rounds: Record<'worker', number>[], engine: number): Finding {
  const faster = spread(rounds.map(({ worker }) => engine / worker));
  return {
    id: 'P1b',
    what: '@supabase/stripe-sync-engine 0.48.5 / ours',
    figure: shownSpread(faster, ' ×'),
    must: '≥ 6 ×',
    aim: '9 ×',
    passed: faster.median >= 6,
  };
}

async function byWorker(stack: SyncStack, relay: 'here' | 'later'): Promise<number> {
  const worker = await startWorker(stack, { relay });
  try {
    const { listingMs, counts } = await worker.sync();
    if (counts.appeared !== subscriptions) throw new Error(`Not everything came: ${JSON.stringify(counts)}`);
    return listingMs;
  } finally {
    await worker.stop();
    await stack.databases.drop(worker.databaseUrl);
  }
}

const byFloor = (stack: SyncStack) => byProgram(stack, 'floors/fetch-and-upsert.js');

async function byProgram(
  { apiUrl, connectorId, databases }: SyncStack,
  file: string,
  more = {},
): Promise<number> {
  const databaseUrl = await databases.fresh('floor');
  try {
    const { ms, rows } = await runProgram<{ ms: number; rows: number }>(file, {
      apiUrl,
      databaseUrl,
      tenantId,
      connectorId,
      ...more,
    });
    if (rows !== subscriptions) throw new Error(`${file} read ${rows} rows.`);
    return ms;
  } finally {
    await databases.drop(databaseUrl);
  }
}

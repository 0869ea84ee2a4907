import { inTurns, shownSpread, spread } from './paired.ts';
import type { Finding } from './report.ts';
import { changeNames } from './stack/change-names.ts';
import { runProgram } from './stack/program.ts';
import { endAll } from './stack/endings.ts';
import { startSyncStack, type SyncStack } from './stack/sync-stack.ts';
import { startWorker, type SyncingWorker } from './stack/worker-sync.ts';
import { writtenSince, type Written } from './stack/written.ts';

const subscriptions = Number(process.env.BENCH_SUBSCRIPTIONS ?? 100_000);
const pairs = Number(process.env.BENCH_PAIRS ?? 5);
const changes = subscriptions / 1000;

/** P2, P2c: a sync of what is known already, with nothing and with one record in a thousand changed. */
export async function measure(): Promise<Finding[]> {
  const stack = await startSyncStack({
    customers: subscriptions / 20,
    subscriptions,
    cachePages: true,
    now: '2026-11-02T09:00:00Z',
  });
  try {
    const worker = await startWorker(stack);
    try {
      const full = await written(stack, worker, () => worker.sync());
      await settle(worker);
      return [...(await unchanged(stack, worker, full.wal)), ...(await changed(stack, worker))];
    } finally {
      await worker.stop();
    }
  } finally {
    await endAll();
  }
}

async function unchanged(stack: SyncStack, worker: SyncingWorker, fullWal: number): Promise<Finding[]> {
  process.stderr.write(`Sync of ${subscriptions} unchanged subscriptions, ms:\n`);
  const all: Written[] = [];
  const rounds = await inTurns(pairs, {
    worker: async () => {
      const run = await written(stack, worker, () => worker.sync());
      all.push(run);
      return run.listingMs;
    },
    fetch: () => byFetch(stack),
  });
  const ratio = spread(rounds.map(({ worker: ours, fetch }) => ours / fetch));
  const most = (of: (run: Written) => number) => Math.max(...all.map(of));
  const wal = most((run) => run.wal) / fullWal;
  const [rows, events] = [most((run) => run.rows), most((run) => run.events)];
  return [
    finding(
      'P2',
      'sync without changes / fetch and parse',
      shownSpread(ratio, ' ×'),
      '≤ 1.4 ×',
      '1.1 ×',
      ratio.median <= 1.4,
    ),
    finding(
      'P2',
      'subscription rows written; events',
      `${rows}; ${events}`,
      '0; 0',
      '',
      rows === 0 && events === 0,
    ),
    finding('P2', 'WAL of it / of the full sync', `${(wal * 100).toFixed(2)} %`, '≤ 1 %', '', wal <= 0.01),
  ];
}

async function changed(stack: SyncStack, worker: SyncingWorker): Promise<Finding[]> {
  process.stderr.write(`Sync with ${changes} subscriptions changed, ms:\n`);
  const all: Written[] = [];
  let round = 0;
  await changeNames(stack, changes, (round += 1));
  const rounds = await inTurns(pairs, {
    fetch: () => byFetch(stack),
    worker: async () => {
      const run = await written(stack, worker, () => worker.sync());
      all.push(run);
      await settle(worker);
      await changeNames(stack, changes, (round += 1));
      return run.listingMs;
    },
  });
  const ratio = spread(rounds.map(({ worker: ours, fetch }) => ours / fetch));
  const exact = all.every((run) => run.rows === changes && run.events === changes);
  const counts = [...new Set(all.map((run) => `${run.rows}; ${run.events}`))].join(', ');
  return [
    finding(
      'P2c',
      `sync with ${changes} changed / fetch and parse`,
      shownSpread(ratio, ' ×'),
      '≤ 1.5 ×',
      '1.15 ×',
      ratio.median <= 1.5,
    ),
    finding('P2c', 'subscription rows written; events', counts, `${changes}; ${changes}`, '', exact),
  ];
}

async function written(
  stack: SyncStack,
  { pool }: SyncingWorker,
  run: () => Promise<{ listingMs: number }>,
): Promise<Written & { listingMs: number }> {
  const since = await writtenSince(pool, stack.databases);
  const { listingMs } = await run();
  return { listingMs, ...(await since()) };
}

/** As after a sync that has read all details, of which there is a call each: none is wanted, nothing is left to vacuum. */
async function settle({ pool }: SyncingWorker): Promise<void> {
  await pool.query(
    'update provider_subscriptions set detail_wanted_at = null where detail_wanted_at is not null',
  );
  await pool.query('vacuum (freeze, analyze) provider_subscriptions');
  await pool.query('checkpoint');
}

async function byFetch({ apiUrl }: SyncStack): Promise<number> {
  return (await runProgram<{ ms: number }>('floors/fetch-and-parse.js', { apiUrl })).ms;
}

const finding = (
  id: string,
  what: string,
  figure: string,
  must: string,
  aim: string,
  passed: boolean,
): Finding => ({
  id,
  what,
  figure,
  must,
  aim,
  passed,
});

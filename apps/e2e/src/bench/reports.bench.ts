import { cpuTime, type Finding, peakMiB } from './measuring.ts';
import { endAll } from './stack/processes.ts';
import { startSyncStack } from './stack/sync-stack.ts';
import { startWorker, type SyncingWorker } from './stack/sync-worker.ts';

/** The number of subscriptions in the world; its three reports have eleven rows for every ten of them. */
const [few, many] = [9_200, 92_000];
const oldSpaceMiB = 128;

/** The import of rated data: three monthly reports in CSV, through the real worker; its memory with a tenth of the rows and with all. */
export async function measure(): Promise<Finding[]> {
  const small = await importOf(few);
  const large = await importOf(many);
  const ratio = large.peakMiB / small.peakMiB;
  const cpuPerRow = Math.round((large.cpuSeconds / large.rows) * 1_000_000);
  const perSecond = Math.round(large.rows / large.seconds);
  return [
    {
      id: 'R1',
      what: `${large.rows} rows of ${large.reports} reports imported; read again; CPU time of the worker for a row`,
      figure: `${large.seconds.toFixed(1)} s (${perSecond} rows/s); ${large.againSeconds.toFixed(2)} s; ${cpuPerRow} µs`,
      must: '',
      aim: '',
      passed: true,
    },
    {
      id: 'R2',
      what: `peak RSS of the worker at ${large.rows} / at ${small.rows} rows, both with --max-old-space-size=${oldSpaceMiB}`,
      figure: `${ratio.toFixed(2)} × (${Math.round(large.peakMiB)} / ${Math.round(small.peakMiB)} MiB)`,
      must: '≤ 1.15 ×',
      aim: '1.05 ×',
      passed: ratio <= 1.15,
    },
  ];
}

async function importOf(subscriptions: number) {
  const stack = await startSyncStack({
    customers: subscriptions / 20,
    subscriptions,
    cachePages: false,
    now: '2026-11-02T09:00:00Z',
  });
  try {
    const mirroring = await startWorker(stack, { relay: 'later' });
    await mirroring.sync();
    await mirroring.stop();
    const { databaseUrl } = mirroring;
    // A new process, so that its peak is that of the import.
    const worker = await startWorker(stack, {
      databaseUrl,
      relay: 'later',
      env: { NODE_OPTIONS: `--max-old-space-size=${oldSpaceMiB}` },
    });
    try {
      const before = cpuTime(worker.process.pid);
      const first = await timed(worker);
      const cpuSeconds = (cpuTime(worker.process.pid) - before) / 1000;
      const again = await timed(worker);
      if (again.counts.read) throw new Error(`Something was imported twice: ${JSON.stringify(again.counts)}`);
      return {
        rows: first.counts.read!,
        reports: first.counts.appeared!,
        seconds: first.seconds,
        cpuSeconds,
        againSeconds: again.seconds,
        peakMiB: peakMiB(worker.process.pid),
      };
    } finally {
      await worker.stop();
    }
  } finally {
    await endAll();
  }
}

/** According to the database's clock. */
async function timed(worker: SyncingWorker) {
  const { counts } = await worker.sync('full', 'reports');
  const { rows } = await worker.pool.query<{ seconds: number }>(
    `select extract(epoch from finished_at - started_at)::float8 as seconds from sync_runs
     where scope = 'reports' order by finished_at desc limit 1`,
  );
  process.stderr.write(`  ${counts.read} rows: ${rows[0]!.seconds.toFixed(1)} s\n`);
  return { counts, seconds: rows[0]!.seconds };
}

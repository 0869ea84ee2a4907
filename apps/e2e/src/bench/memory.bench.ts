import { type Finding, peakMiB } from './measuring.ts';
import { endAll } from './stack/processes.ts';
import { startSyncStack } from './stack/sync-stack.ts';
import { startWorker } from './stack/sync-worker.ts';

const [few, many] = [50_000, Number(process.env.BENCH_SUBSCRIPTIONS ?? 1_000_000)];
const oldSpaceMiB = 128;

/** P5: the worker's peak memory during a full sync, with few and with many subscriptions, in an old space of 128 MiB. */
export async function measure(): Promise<Finding[]> {
  const small = await peakOf(few);
  const large = await peakOf(many);
  const ratio = large / small;
  return [
    {
      id: 'P5',
      what: `peak RSS of the worker at ${many} / at ${few} subscriptions, both with --max-old-space-size=${oldSpaceMiB}`,
      figure: `${ratio.toFixed(2)} × (${Math.round(large)} / ${Math.round(small)} MiB)`,
      must: '≤ 1.10 ×',
      aim: '1.05 ×',
      passed: ratio <= 1.1,
    },
  ];
}

/** In MiB. */
async function peakOf(subscriptions: number): Promise<number> {
  const stack = await startSyncStack({
    customers: subscriptions / 20,
    subscriptions,
    cachePages: false,
    now: '2026-11-02T09:00:00Z',
  });
  try {
    const worker = await startWorker(stack, { env: { NODE_OPTIONS: `--max-old-space-size=${oldSpaceMiB}` } });
    try {
      const { counts, listingMs } = await worker.sync();
      if (counts.appeared !== subscriptions)
        throw new Error(`Not everything was read: ${JSON.stringify(counts)}`);
      const peak = peakMiB(worker.process.pid);
      process.stderr.write(
        `  ${subscriptions} subscriptions: ${Math.round(peak)} MiB, ${Math.round(listingMs / 1000)} s\n`,
      );
      return peak;
    } finally {
      await worker.stop();
    }
  } finally {
    await endAll();
  }
}

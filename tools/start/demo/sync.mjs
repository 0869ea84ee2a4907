import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { progressBar } from './progress-bar.mjs';

const connectorHeardWithinMs = 10_000;
const finishedWithinMs = 120_000;

/**
 * Starts a sync run and follows it to its end.
 * @returns the finished run
 * @throws Error with the run's own explanation when it did not succeed
 */
export async function syncAndFollow(accountSync, wanted, signal) {
  const { id } = await startRun(accountSync, wanted);
  const bar = progressBar();
  const patience = AbortSignal.any([signal, AbortSignal.timeout(finishedWithinMs)]);
  try {
    for await (const seen of accountSync.events(`/v1/sync-runs/${id}/progress`, patience)) bar.show(seen);
  } catch (error) {
    if (!patience.aborted) throw error;
  }
  const run = await accountSync.get(`/v1/sync-runs/${id}`);
  bar.end(run);
  if (run.status !== 'succeeded') {
    const why = run.failure
      ? `${run.failure.detail} Next: ${run.failure.nextStep}`
      : (run.waiting?.reason ?? 'It gave no reason.');
    throw new Error(`The ${wanted.scope} run ${id} is ${run.status}. ${why}`);
  }
  return run;
}

/** account-sync hears of a new connector by event: in the first instants it may not know it yet. */
async function startRun(accountSync, wanted) {
  const headers = { 'idempotency-key': randomUUID() };
  const deadline = Date.now() + connectorHeardWithinMs;
  for (;;) {
    try {
      return await accountSync.post('/v1/sync-runs', wanted, headers);
    } catch (error) {
      if (error.status !== 404 || Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

/** `read 120, appeared 120, calls 1`: the counts that are not zero. */
export const inWords = (counts) =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

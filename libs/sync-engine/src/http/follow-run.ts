import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerSentEvent } from '@isthmus/service-kit';
import { openStatuses } from '../runs/run-lifecycle.ts';
import type { SyncRunRow } from '../runs/runs.query.ts';
import type { RunView } from './run.view.ts';

/** An event whenever something new is to be said of the run, until the run has ended. */
export async function* followRun(
  first: SyncRunRow,
  read: () => Promise<SyncRunRow>,
  show: (row: SyncRunRow) => RunView,
  everyMs: number,
): AsyncGenerator<ServerSentEvent> {
  let shown = '';
  for (let row = first; ; row = await read()) {
    const ended = !openStatuses.includes(row.status);
    const run = show(row);
    // Pace and time left move with the clock alone; why the run is silent does too, but that is news.
    const facts = JSON.stringify({ ...run, ratePerSecond: null, etaSeconds: null });
    if (facts !== shown) yield { event: ended ? 'finished' : 'progress', data: run };
    if (ended) return;
    shown = facts;
    await sleep(everyMs);
  }
}

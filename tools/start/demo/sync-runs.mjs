import { RunNotSucceeded } from '@isthmus/sdk';

const finishedWithinMs = 300_000;

/**
 * Starts a run and follows it to its end, with a progress bar.
 * @param {import('@isthmus/sdk').Isthmus['syncRuns'] | import('@isthmus/sdk').Isthmus['catalogSyncs']} runs
 * @returns the finished run
 * @throws RunNotSucceeded with the run's own explanation
 */
export async function syncAndFollow(runs, wanted, signal) {
  const { id } = await runs.start(wanted);
  const bar = progressBar();
  const patience = AbortSignal.any([signal, AbortSignal.timeout(finishedWithinMs)]);
  let run;
  for await (const seen of runs.follow(id, { signal: patience })) bar.show((run = seen));
  bar.end(run);
  if (run.status !== 'succeeded') throw new RunNotSucceeded(run);
  return run;
}

/** The same without any output. */
export async function syncAndFinish(runs, wanted, signal) {
  const { id } = await runs.start(wanted);
  return runs.succeeded(id, { timeoutMs: finishedWithinMs, signal });
}

/** `read 120, appeared 120, calls 1`: the counts that are not zero. */
export const countsInWords = (counts) =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

const width = 30;

/**
 * A run on one line that is overwritten again and again; in a file or a pipe, one line at the end of each phase.
 * @param {{write(text: string): unknown, isTTY?: boolean}} out
 */
export function progressBar(out = process.stdout) {
  let last;
  return {
    show(run) {
      if (out.isTTY) out.write(`\r\x1b[2K${line(run)}`);
      else if (last?.phase && last.phase !== run.phase) out.write(`${line(last)}\n`);
      last = run;
    },
    end(run) {
      out.write(`${out.isTTY ? '\r\x1b[2K' : ''}${line(run)}\n`);
    },
  };
}

function line({ phase, status, done, total, percent, ratePerSecond, etaSeconds, waiting }) {
  const share = percent ?? (status === 'succeeded' ? 100 : 0);
  const filled = Math.round((share / 100) * width);
  const parts = [
    `   [${'█'.repeat(filled)}${'·'.repeat(width - filled)}]`,
    `${done}/${total ?? '?'}`,
    phase ?? status,
    ratePerSecond ? `${Math.round(ratePerSecond)}/s` : '',
    etaSeconds ? `${etaSeconds} s left` : '',
    waiting ? `waiting: ${waiting.reason}` : '',
  ];
  return parts.filter(Boolean).join('  ');
}

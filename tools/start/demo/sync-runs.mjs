import { randomUUID } from 'node:crypto';

const finishedWithinMs = 300_000;

/**
 * Starts a sync run and follows it to its end, with a progress bar.
 * @returns the finished run
 * @throws Error with the run's own explanation if it did not succeed
 */
export const syncAndFollow = (service, wanted, signal, path = '/v1/sync-runs') =>
  followed(service, wanted, signal, path, progressBar());

/** The same without any output. */
export const syncAndFinish = (service, wanted, signal) =>
  followed(service, wanted, signal, '/v1/sync-runs', { show() {}, end() {} });

async function followed(service, wanted, signal, path, bar) {
  const { id } = await service.post(path, wanted, { 'idempotency-key': randomUUID() });
  const patience = AbortSignal.any([signal, AbortSignal.timeout(finishedWithinMs)]);
  try {
    for await (const seen of service.events(`${path}/${id}/progress`, patience)) bar.show(seen);
  } catch (error) {
    if (!patience.aborted) throw error;
  }
  const run = await service.get(`${path}/${id}`);
  bar.end(run);
  if (run.status !== 'succeeded') {
    const why = run.failure
      ? `${run.failure.detail} Next: ${run.failure.nextStep}`
      : (run.waiting?.reason ?? 'It gave no reason.');
    throw new Error(`The ${run.scope} run ${id} is ${run.status}. ${why}`);
  }
  return run;
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

import type { RunStatus, RunWait } from '../runs/run.ts';

export interface RunPace {
  status: RunStatus;
  done: number;
  total: number | null;
  phaseStartedAt: Date | null;
  heartbeatAt: Date | null;
  waiting: RunWait | null;
}

interface RunProgress {
  /** Of the phase; 0 to 100, null while its size is unknown. */
  percent: number | null;
  ratePerSecond: number | null;
  etaSeconds: number | null;
}

/** How fast the present phase goes and how long it will take at that pace. */
export function runProgress(run: RunPace, now: Date): RunProgress {
  if (run.status === 'succeeded') return { percent: 100, ratePerSecond: null, etaSeconds: 0 };
  const percent = run.total === null ? null : percentage(run.done, run.total);
  if (run.status !== 'running' || !run.phaseStartedAt)
    return { percent, ratePerSecond: null, etaSeconds: null };
  const seconds = (now.getTime() - run.phaseStartedAt.getTime()) / 1000;
  const rate = seconds > 0 && run.done > 0 ? run.done / seconds : null;
  return {
    percent,
    ratePerSecond: rate === null ? null : Math.round(rate * 100) / 100,
    etaSeconds:
      rate === null || run.total === null ? null : Math.ceil(Math.max(0, run.total - run.done) / rate),
  };
}

// A listing may hold more rows than it announced; "103 %" would help nobody.
const percentage = (done: number, total: number): number =>
  total === 0 ? 100 : Math.min(100, Math.floor((done * 100) / total));

interface Silence {
  reason: string;
  /** When it is expected to go on, as far as that is known. */
  until: string | null;
}

const silentAfterMs = 60_000;

/** Why the run does not move just now; null while it does, or when it has ended. */
export function silenceReason({ status, waiting, heartbeatAt }: RunPace, now: Date): Silence | null {
  if (status === 'awaiting-approval')
    return {
      reason:
        'It would end more, or take away more seats, than its limit allows and waits until somebody approves or cancels it.',
      until: null,
    };
  if (status !== 'queued' && status !== 'running') return null;
  if (waiting) return { reason: waiting.reason, until: waiting.until };
  if (status === 'queued') return { reason: 'It waits for a free sync worker.', until: null };
  if (heartbeatAt && now.getTime() - heartbeatAt.getTime() <= silentAfterMs) return null;
  const since = heartbeatAt ? ` since ${heartbeatAt.toISOString()}` : '';
  return {
    reason: `Its worker has not been heard of${since}; the next free one takes it over.`,
    until: null,
  };
}

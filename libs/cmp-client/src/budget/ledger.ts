import type { Lane } from '../lane.ts';
import type { Tally } from './tally.ts';

/** What all processes with one subscription key share. Times are milliseconds since the epoch. */
export interface Ledger {
  v: 1;
  /** Calls of the last window and of the last 24 hours. */
  window: Tally;
  day: Tally;
  /** No call before this moment: CMP asked for it. */
  closedUntil: number;
  /** The next paced call may go at this moment. */
  pace: number;
  /** Until when a lane that found no room asks the lanes below to hold back. */
  wants: Partial<Record<Lane, number>>;
  learned: Learned;
}

/** What throttling has taught us. */
export interface Learned {
  /** Calls per window that seem to be allowed; null until anything was learned and the limit is known. */
  limit: number | null;
  /** What was in use when CMP last refused. */
  knee: number | null;
  /** CMP counts per window (it asked for a long wait), so that its window must be kept and not only its rate. */
  windowed: boolean;
  grewAt: number;
  cutAt: number;
}

export const freshLedger = (): Ledger => ({
  v: 1,
  window: [],
  day: [],
  closedUntil: 0,
  pace: 0,
  wants: {},
  learned: { limit: null, knee: null, windowed: false, grewAt: 0, cutAt: 0 },
});

/** A cell that is not a ledger of ours counts as empty: a budget must never stop all calls for good. */
export function parseLedger(text: string | undefined): Ledger {
  if (text === undefined) return freshLedger();
  try {
    const ledger = JSON.parse(text) as Ledger;
    return ledger.v === 1 ? ledger : freshLedger();
  } catch {
    return freshLedger();
  }
}

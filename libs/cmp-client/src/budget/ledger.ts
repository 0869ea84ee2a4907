import type { Lane } from './budget-rules.ts';

/** The state shared by all processes with one subscription key. Times are milliseconds since the epoch. */
export interface Ledger {
  v: 1;
  /** Calls of the last window and of the last 24 hours. */
  window: Tally;
  day: Tally;
  /** No call before this time, because CMP requested it. */
  closedUntil: number;
  /** The next paced call may go at this moment. */
  pace: number;
  /** Until when a lane that found no capacity makes lower lanes hold back. */
  wants: Partial<Record<Lane, number>>;
  learned: Learned;
}

/** What throttling has shown. */
interface Learned {
  /** Calls per window that seem to be allowed; null until anything was learned and the limit is known. */
  limit: number | null;
  /** The limit in use when CMP last refused. */
  knee: number | null;
  /** CMP counts per window (it requested a long wait), so its window must be respected and not only its rate. */
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

/** An entry that is not one of our ledgers counts as empty: a budget must never block all calls permanently. */
export function parseLedger(text: string | undefined): Ledger {
  if (text === undefined) return freshLedger();
  try {
    const ledger = JSON.parse(text) as Ledger;
    return ledger.v === 1 ? ledger : freshLedger();
  } catch {
    return freshLedger();
  }
}

/** Counts per slice of time, oldest first: `[slice number, count]`. Small enough to be stored with every claim. */
type Tally = [slice: number, count: number][];

export const total = (tally: Tally): number => tally.reduce((sum, [, count]) => sum + count, 0);

/** Adds `count` at `at`; slices are `sliceMs` long. Changes the tally. */
export function add(tally: Tally, at: number, count: number, sliceMs: number): void {
  const slice = Math.floor(at / sliceMs);
  const last = tally.at(-1);
  // A clock that lags behind another process's counts into the newest slice: later is the safe side.
  if (last && last[0] >= slice) last[1] += count;
  else tally.push([slice, count]);
}

/** When a slice stops counting: its end plus the window, so that no call in it is forgotten early. */
export const expiry = ([slice]: [number, number], sliceMs: number, windowMs: number): number =>
  (slice + 1) * sliceMs + windowMs;

/** What still counts at `now`. */
export const current = (tally: Tally, now: number, sliceMs: number, windowMs: number): Tally =>
  tally.filter((entry) => expiry(entry, sliceMs, windowMs) > now);

/** The first moment at which fewer than `cap` count, given that nothing is added; `now` when that is so already. */
export function opensAt(tally: Tally, cap: number, now: number, sliceMs: number, windowMs: number): number {
  let left = total(tally);
  if (left < cap) return now;
  for (const entry of tally) {
    left -= entry[1];
    if (left < cap) return expiry(entry, sliceMs, windowMs);
  }
  return now + windowMs;
}

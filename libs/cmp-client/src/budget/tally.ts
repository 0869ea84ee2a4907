/** Counts per slice of time, oldest first: `[slice number, count]`. Small enough to be stored with every claim. */
export type Tally = [slice: number, count: number][];

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
export function opening(tally: Tally, cap: number, now: number, sliceMs: number, windowMs: number): number {
  let left = total(tally);
  if (left < cap) return now;
  for (const entry of tally) {
    left -= entry[1];
    if (left < cap) return expiry(entry, sliceMs, windowMs);
  }
  return now + windowMs;
}

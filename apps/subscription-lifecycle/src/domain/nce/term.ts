import type { Period } from '@isthmus/domain';

const day = 86_400_000;

/**
 * The instant `count` periods after an anchor, in UTC. Months are counted from the anchor itself, so that a term begun
 * on the 31st returns to the 31st after a shorter month, and one begun on 29 February does so in the next leap year.
 */
export function periodsAfter(anchor: number, { type, duration }: Period, count: number): number {
  if (type === 'day') return anchor + count * duration * day;
  const start = new Date(anchor);
  const months = start.getUTCMonth() + count * duration * (type === 'year' ? 12 : 1);
  const year = start.getUTCFullYear();
  const lastDay = new Date(Date.UTC(year, months + 1, 0)).getUTCDate();
  const midnight = Date.UTC(year, months, Math.min(start.getUTCDate(), lastDay));
  return midnight + (anchor - Date.UTC(year, start.getUTCMonth(), start.getUTCDate()));
}

/** The period around `now` in a row of them that begins at the anchor: `[from, until)`. */
export function periodAround(anchor: number, period: Period, now: number): { from: number; until: number } {
  const length = period.duration * { day: 1, month: 30.436875, year: 365.2425 }[period.type] * day;
  let count = Math.max(0, Math.floor((now - anchor) / length) - 1);
  while (periodsAfter(anchor, period, count + 1) <= now) count += 1;
  return { from: periodsAfter(anchor, period, count), until: periodsAfter(anchor, period, count + 1) };
}

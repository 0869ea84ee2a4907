/** An hour again: a record may be listed later than its creation time says. */
const overlapMs = 3_600_000;

/** A list read newest first, down to where the last reading began. */
export interface CursorReading {
  /** The latest creation time seen, as CMP tells it; nothing when the list was empty. */
  newest: string | undefined;
  /** Why rows may lie between those that came; none when nothing was missed. */
  gaps: readonly string[];
}

/** From when on records are read: since the cursor with some overlap, the first time as far back as is wanted. */
export const readingFrom = (cursor: Date | null, now: number, firstReadingMs: number): Date =>
  new Date(cursor ? cursor.getTime() - overlapMs : now - firstReadingMs);

/**
 * How far the cursor may be moved after a reading whose rows are all stored, or nothing when it has to stay: what a
 * reading with gaps has missed would never be read again once the cursor is past it.
 */
export const cursorAfter = ({ newest, gaps }: CursorReading): string | undefined =>
  gaps.length === 0 ? newest : undefined;

/** The later of two creation times of CMP, which are written so that text compares as time does. */
export const latestOf = (one: string | undefined, others: readonly string[]): string | undefined =>
  [one ?? '', ...others].sort().at(-1) || undefined;

/** The last hour is read again: a record may be listed later than its creation time suggests. */
const overlapMs = 3_600_000;

/** A list read newest first, down to where the last reading began. */
export interface CursorReading {
  /** The latest creation time seen, as CMP states it; undefined when the list was empty. */
  newest: string | undefined;
  /** The reasons why rows may be missing between those that were read; empty if none are. */
  gaps: readonly string[];
}

/** The time from which records are read: the cursor, with some overlap, or the first time as far back as requested. */
export const readingFrom = (cursor: Date | null, now: number, firstReadingMs: number): Date =>
  new Date(cursor ? cursor.getTime() - overlapMs : now - firstReadingMs);

/**
 * The new position of the cursor after a read whose rows are all stored; undefined if it has to stay: rows missed because of gaps
 * would never be read again once the cursor has passed them.
 */
export const cursorAfter = ({ newest, gaps }: CursorReading): string | undefined =>
  gaps.length === 0 ? newest : undefined;

/** The latest of several creation times of CMP, whose format sorts lexicographically in the order of time. */
export const latestOf = (one: string | undefined, others: readonly string[]): string | undefined =>
  [one ?? '', ...others].sort().at(-1) || undefined;

/** The beginning of what is left of one list, newest first. */
export interface Head<Row> {
  rows: readonly Row[];
  /** Whether there are rows after these. */
  more: boolean;
}

interface Merged<Row> {
  /** Newest first, each with the index of its list. */
  taken: { row: Row; from: number }[];
  /** By list, whether anything is left of it. */
  left: boolean[];
}

/**
 * The newest rows of several lists. Each list keeps its own order, even where its clock went backwards; of the rows that are next in
 * their lists, the one with the latest time is taken.
 * @param limit at most as many as each head has rows, if there are more after them: otherwise rows would be skipped
 */
export function mergeByTime<Row>(
  heads: readonly Head<Row>[],
  limit: number,
  timeOf: (row: Row) => string,
): Merged<Row> {
  const taken: Merged<Row>['taken'] = [];
  const next = heads.map(() => 0);
  while (taken.length < limit) {
    let from = -1;
    for (const [index, { rows }] of heads.entries()) {
      const row = rows[next[index]!];
      if (row === undefined) continue;
      const best = from < 0 ? undefined : heads[from]!.rows[next[from]!]!;
      if (best === undefined || timeOf(row) > timeOf(best)) from = index;
    }
    if (from < 0) break;
    taken.push({ row: heads[from]!.rows[next[from]!]!, from });
    next[from]! += 1;
  }
  return { taken, left: heads.map(({ rows, more }, index) => more || next[index]! < rows.length) };
}

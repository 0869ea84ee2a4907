import type { Pool, PoolClient } from 'pg';
import { arrayParameter } from './array-parameter.ts';
import type { ChangeKind, Mirror, MirrorValue } from './mirror.ts';
import type { MirrorRow } from './mirror-row.ts';
import type { MirrorSql } from './mirror-sql.ts';
import type { RunRecord } from '../runs/run-report.ts';

/** A record that is not as the mirror has it. */
export interface Difference<T> {
  row: MirrorRow<T>;
  kind: ChangeKind;
  /** Told names of the columns that differ; empty when only columns that nobody is told of do. */
  changed: string[];
  /** What was stored, by column; absent of one that is new or back. */
  before?: readonly MirrorValue[];
}

interface Found {
  id: string;
  before: MirrorValue[] | null;
  fresh: boolean;
  live: boolean | null;
}

/** Asks the database, in one round trip, which of the rows are new or differ. */
export async function changesOf<T>(
  on: Pool | PoolClient,
  mirror: Mirror<T>,
  sql: MirrorSql,
  rows: readonly MirrorRow<T>[],
): Promise<Difference<T>[]> {
  if (!rows.length) return [];
  const found = await on.query<Found>({
    ...sql.differing,
    values: [arrayParameter(rows.map((row) => row.id)), arrayParameter(rows.map((row) => row.hash))],
  });
  if (!found.rows.length) return [];
  const byId = new Map(rows.map((row) => [row.id, row]));
  return found.rows.map(({ id, before, fresh, live }) =>
    difference(mirror, byId.get(id)!, fresh ? undefined : before!, Boolean(live)),
  );
}

function difference<T>(
  mirror: Mirror<T>,
  row: MirrorRow<T>,
  before: MirrorValue[] | undefined,
  wasLive: boolean,
): Difference<T> {
  if (!before) return { row, kind: 'appeared', changed: [] };
  const changed = mirror.columns.flatMap(({ told }, index) =>
    told && (before[index] ?? null) !== (row.values[index] ?? null) ? [told] : [],
  );
  return { row, kind: wasLive && !mirror.isLive(row.value) ? 'ended' : 'changed', changed, before };
}

/** What a run's report keeps of it. */
export const recordOf = <T>(mirror: Mirror<T>, { row, kind, changed, before }: Difference<T>): RunRecord => ({
  kind: mirror.kind,
  cmpId: row.cmpId,
  cmpAccountId: mirror.cmpAccountIdOf?.(row.value),
  result: kind,
  ...(before ? { changed } : {}),
});

/** The same with both values of each field, for a plan, where nothing else tells them. */
export function plannedRecordOf<T>(mirror: Mirror<T>, difference: Difference<T>): RunRecord {
  const { row, before } = difference;
  const values: NonNullable<RunRecord['values']> = {};
  mirror.columns.forEach(({ told }, index) => {
    const [from, to] = [before?.[index] ?? null, row.values[index] ?? null];
    if (told && from !== to) values[told] = { from, to };
  });
  return { ...recordOf(mirror, difference), values };
}

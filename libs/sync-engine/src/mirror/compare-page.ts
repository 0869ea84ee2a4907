import type { FieldChangeV1 } from '@isthmus/contracts';
import type { Statements } from '@isthmus/messaging';
import { arrayParameter } from './array-parameter.ts';
import type { ChangeKind, Mirror, MirrorColumn, MirrorValue } from './mirror.ts';
import type { MirrorRow } from './mirror-row.ts';
import type { MirrorSql } from './mirror-sql.ts';
import type { RunRecord } from '../runs/run-report.ts';

/** A record that is not as the mirror has it. */
export interface Difference<T> {
  row: MirrorRow<T>;
  kind: ChangeKind;
  /** Told names of the columns that differ; empty when only columns that nobody is told of do. */
  changed: string[];
  /** The same with both values; empty of one that is new or back. */
  changes: FieldChangeV1[];
  stored?: StoredRow;
}

/** What the mirror has of a record. */
export interface StoredRow {
  /** By column. */
  values: readonly MirrorValue[];
  version: number;
  gone: boolean;
  /** False while nothing was said of it yet. */
  announced: boolean;
  live: boolean;
}

interface Found extends Omit<StoredRow, 'values'> {
  id: string;
  before: MirrorValue[] | null;
}

/** Asks the database, in one round trip, which of the rows are new or differ. */
export async function changesOf<T>(
  on: Statements,
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
  return found.rows.map(({ id, before, ...stored }) =>
    differenceOf(mirror, byId.get(id)!, before ? { values: before, ...stored } : undefined),
  );
}

/** `announced` overrules what was stored when the rows were compared: another run may have announced the record meanwhile. */
export function differenceOf<T>(
  mirror: Mirror<T>,
  row: MirrorRow<T>,
  stored: StoredRow | undefined,
  announced = stored?.announced,
): Difference<T> {
  if (!stored || stored.gone || !announced)
    return { row, kind: 'appeared', changed: [], changes: [], stored };
  const changed: string[] = [];
  const changes: FieldChangeV1[] = [];
  mirror.columns.forEach((column, index) => {
    const found = changeOf(column, stored.values[index] ?? null, row.values[index] ?? null);
    if (found.length) changed.push(column.told!);
    changes.push(...found);
  });
  const kind = stored.live && !mirror.isLive(row.value) ? 'ended' : 'changed';
  return { row, kind, changed, changes, stored };
}

function changeOf<T>(
  { told, type, differences }: MirrorColumn<T>,
  from: MirrorValue,
  to: MirrorValue,
): FieldChangeV1[] {
  if (!told || from === to) return [];
  return differences ? differences(from, to) : [{ field: told, from: read(type, from), to: read(type, to) }];
}

/** A stored text as the JSON value that events and records show. */
function read(type: MirrorColumn<unknown>['type'], text: MirrorValue): unknown {
  if (text === null) return undefined;
  if (type === 'boolean') return text === 'true';
  if (type === 'integer') return Number(text);
  return type === 'json' ? JSON.parse(text) : text;
}

/** What a run's report keeps of it. */
export const recordOf = <T>(mirror: Mirror<T>, { row, kind, changed }: Difference<T>): RunRecord => ({
  kind: mirror.kind,
  cmpId: row.cmpId,
  cmpAccountId: mirror.cmpAccountIdOf?.(row.value),
  result: kind,
  ...(kind === 'appeared' ? {} : { changed }),
});

/** The same with both values of each field, for a plan, where nothing else tells them. */
export function plannedRecordOf<T>(mirror: Mirror<T>, difference: Difference<T>): RunRecord {
  const { row, kind } = difference;
  const changes =
    kind === 'appeared'
      ? mirror.columns.flatMap((column, index) => changeOf(column, null, row.values[index] ?? null))
      : difference.changes;
  const values: NonNullable<RunRecord['values']> = {};
  for (const { field, from, to } of changes) values[field] = { from: from ?? null, to: to ?? null };
  return { ...recordOf(mirror, difference), values };
}

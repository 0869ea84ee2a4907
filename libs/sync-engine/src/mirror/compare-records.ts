import type { FieldChangeV1 } from '@isthmus/contracts';
import type { SqlClient } from '@isthmus/messaging';
import { arrayParameter } from '../database.ts';
import type { RunRecord } from '../runs/run.ts';
import {
  mirrorRow,
  mirrorStatements,
  type ChangeKind,
  type ChangeOrigin,
  type Mirror,
  type MirrorColumn,
  type MirrorRow,
  type MirrorStatements,
  type MirrorValue,
} from './mirror.ts';

/** Records as CMP had them at one moment, compared with the mirror. */
export interface Comparison<T> {
  mirror: Mirror<T>;
  /** The owner of the records, and when CMP was read. */
  origin: ChangeOrigin;
  rows: readonly MirrorRow<T>[];
  /** The differences, for the rows that are new or differ. */
  differences: readonly Difference<T>[];
}

/** A record that differs from the mirror. */
export interface Difference<T> {
  row: MirrorRow<T>;
  kind: ChangeKind;
  /** The public names of the columns that differ; empty if only columns without a public name differ. */
  changed: string[];
  /** The changed fields with both values; empty if the record is new or listed again. */
  changes: FieldChangeV1[];
  /** A live record that now belongs to another customer. */
  moved: boolean;
  stored?: StoredRow;
}

/** A record as the mirror has it. */
export interface StoredRow {
  /** The stored values, by column. */
  values: readonly MirrorValue[];
  version: number;
  gone: boolean;
  /** False until an event about it has been published. */
  announced: boolean;
  live: boolean;
}

interface Found extends Omit<StoredRow, 'values'> {
  id: string;
  before: MirrorValue[] | null;
}

/** Compares records that were read with the mirror, in one round trip; writes nothing. */
export async function compareRecords<T>(
  on: SqlClient,
  mirror: Mirror<T>,
  origin: ChangeOrigin,
  values: readonly T[],
): Promise<Comparison<T>> {
  const rows = values.map((value) => mirrorRow(mirror, origin, value));
  return { mirror, origin, rows, differences: await changesOf(on, mirror, mirrorStatements(mirror), rows) };
}

/** Asks the database, in one round trip, which of the rows are new or differ. */
export async function changesOf<T>(
  on: SqlClient,
  mirror: Mirror<T>,
  sql: MirrorStatements,
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
    toDifference(mirror, byId.get(id)!, before ? { values: before, ...stored } : undefined),
  );
}

/** `announced` overrides what was stored when the rows were compared: another run may have announced the record in the meantime. */
export function toDifference<T>(
  mirror: Mirror<T>,
  row: MirrorRow<T>,
  stored: StoredRow | undefined,
  announced = stored?.announced,
): Difference<T> {
  if (!stored || stored.gone || !announced)
    return { row, kind: 'appeared', changed: [], changes: [], moved: false, stored };
  const changed: string[] = [];
  const changes: FieldChangeV1[] = [];
  let moved = false;
  mirror.columns.forEach((column, index) => {
    if (column.name === mirror.customerColumn) moved = stored.values[index] !== row.values[index];
    const found = fieldChanges(column, stored.values[index] ?? null, row.values[index] ?? null);
    if (found.length) changed.push(column.publishedAs!);
    changes.push(...found);
  });
  const kind = stored.live && !mirror.isLive(row.value) ? 'ended' : 'changed';
  return { row, kind, changed, changes, moved: moved && kind === 'changed' && stored.live, stored };
}

function fieldChanges<T>(
  { publishedAs, type, differences }: MirrorColumn<T>,
  from: MirrorValue,
  to: MirrorValue,
): FieldChangeV1[] {
  if (!publishedAs || from === to) return [];
  return differences
    ? differences(from, to)
    : [{ field: publishedAs, from: parsed(type, from), to: parsed(type, to) }];
}

/** Converts a stored string to the JSON value shown in events and records. */
function parsed(type: MirrorColumn<unknown>['type'], text: MirrorValue): unknown {
  if (text === null) return undefined;
  if (type === 'boolean') return text === 'true';
  if (type === 'integer') return Number(text);
  return type === 'json' ? JSON.parse(text) : text;
}

/** Converts a difference to its representation in a run's report. */
export const toRecord = <T>(mirror: Mirror<T>, { row, kind, changed }: Difference<T>): RunRecord => ({
  kind: mirror.kind,
  cmpId: row.cmpId,
  cmpAccountId: mirror.cmpAccountIdOf?.(row.value),
  result: kind,
  ...(kind === 'appeared' ? {} : { changed }),
});

/** Like `toRecord`, with both values of each field, for a plan, because nothing else shows them. */
export function toPlannedRecord<T>(mirror: Mirror<T>, difference: Difference<T>): RunRecord {
  const { row, kind } = difference;
  const changes =
    kind === 'appeared'
      ? mirror.columns.flatMap((column, index) => fieldChanges(column, null, row.values[index] ?? null))
      : difference.changes;
  const values: NonNullable<RunRecord['values']> = {};
  for (const { field, from, to } of changes) values[field] = { from: from ?? null, to: to ?? null };
  return { ...toRecord(mirror, difference), values };
}

export const countOf = <T>(differences: readonly Difference<T>[], wanted: ChangeKind): number =>
  differences.filter(({ kind }) => kind === wanted).length;

export const countMoved = <T>(differences: readonly Difference<T>[]): number =>
  differences.filter(({ moved }) => moved).length;

/** The counts of a plan's differences. */
export const plannedCounts = <T>(differences: readonly Difference<T>[]) => ({
  appeared: countOf(differences, 'appeared'),
  changed: countOf(differences, 'changed'),
  ended: countOf(differences, 'ended'),
});

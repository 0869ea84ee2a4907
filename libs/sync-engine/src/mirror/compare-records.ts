import type { FieldChangeV1 } from '@isthmus/contracts';
import type { Statements } from '@isthmus/messaging';
import { arrayParameter } from '../database.ts';
import type { RunRecord } from '../runs/run.ts';
import {
  mirrorRow,
  mirrorSql,
  type ChangeKind,
  type ChangeOrigin,
  type Mirror,
  type MirrorColumn,
  type MirrorRow,
  type MirrorSql,
  type MirrorValue,
} from './mirror.ts';

/** Records as CMP had them at one moment, beside what the mirror has of them. */
export interface Comparison<T> {
  mirror: Mirror<T>;
  /** Whose they are, and when CMP was read. */
  origin: ChangeOrigin;
  rows: readonly MirrorRow<T>[];
  /** Of those rows that are new or differ. */
  differences: readonly Difference<T>[];
}

/** A record that is not as the mirror has it. */
export interface Difference<T> {
  row: MirrorRow<T>;
  kind: ChangeKind;
  /** Public names of the columns that differ; empty when only columns without one do. */
  changed: string[];
  /** The same with both values; empty of one that is new or back. */
  changes: FieldChangeV1[];
  /** A live record that belongs to another customer than before. */
  moved: boolean;
  stored?: StoredRow;
}

/** What the mirror has of a record. */
export interface StoredRow {
  /** By column. */
  values: readonly MirrorValue[];
  version: number;
  gone: boolean;
  /** False while no event was published of it yet. */
  announced: boolean;
  live: boolean;
}

interface Found extends Omit<StoredRow, 'values'> {
  id: string;
  before: MirrorValue[] | null;
}

/** Compares records that were read with the mirror, in one round trip; writes nothing. */
export async function compareRecords<T>(
  on: Statements,
  mirror: Mirror<T>,
  origin: ChangeOrigin,
  values: readonly T[],
): Promise<Comparison<T>> {
  const rows = values.map((value) => mirrorRow(mirror, origin, value));
  return { mirror, origin, rows, differences: await changesOf(on, mirror, mirrorSql(mirror), rows) };
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
    toDifference(mirror, byId.get(id)!, before ? { values: before, ...stored } : undefined),
  );
}

/** `announced` overrules what was stored when the rows were compared: another run may have announced the record meanwhile. */
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
    if (found.length) changed.push(column.told!);
    changes.push(...found);
  });
  const kind = stored.live && !mirror.isLive(row.value) ? 'ended' : 'changed';
  return { row, kind, changed, changes, moved: moved && kind === 'changed' && stored.live, stored };
}

function fieldChanges<T>(
  { told, type, differences }: MirrorColumn<T>,
  from: MirrorValue,
  to: MirrorValue,
): FieldChangeV1[] {
  if (!told || from === to) return [];
  return differences
    ? differences(from, to)
    : [{ field: told, from: parsed(type, from), to: parsed(type, to) }];
}

/** A stored text as the JSON value that events and records show. */
function parsed(type: MirrorColumn<unknown>['type'], text: MirrorValue): unknown {
  if (text === null) return undefined;
  if (type === 'boolean') return text === 'true';
  if (type === 'integer') return Number(text);
  return type === 'json' ? JSON.parse(text) : text;
}

/** What a run's report keeps of it. */
export const toRecord = <T>(mirror: Mirror<T>, { row, kind, changed }: Difference<T>): RunRecord => ({
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

/** What a plan counts of them. */
export const planned = <T>(differences: readonly Difference<T>[]) => ({
  appeared: countOf(differences, 'appeared'),
  changed: countOf(differences, 'changed'),
  ended: countOf(differences, 'ended'),
});

import type { Readable } from 'node:stream';
import type { ColumnMap } from '../domain/rated-columns.ts';
import type { RawRow } from '../domain/rated-row.ts';
import { ReportNotUsable } from '../domain/report.errors.ts';
import { areRatedColumns, columnsMissing } from './check-columns.ts';
import { wholeFile } from './whole-file.ts';

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown;

/** Reads a JSON file, a list of objects or an object with one such list, as a whole. Numbers stay the digits they are written with. */
export async function* readJson(file: Readable, columns: ColumnMap, limit: number): AsyncGenerator<RawRow> {
  const text = (await wholeFile(file, limit)).toString('utf8').replace(/^\uFEFF/, '');
  const parsed = parseWithSource(text, (_, value, { source }) =>
    typeof value === 'number' ? source : value,
  );
  const rows = listIn(parsed);
  const first = rows[0];
  if (first && !areRatedColumns(Object.keys(first), columns)) throw columnsMissing(Object.keys(first));
  for (const row of rows) yield textsOf(row);
}

function listIn(parsed: unknown): Record<string, unknown>[] {
  const lists = Array.isArray(parsed)
    ? [parsed]
    : Object.values((parsed ?? {}) as object).filter((value) => Array.isArray(value));
  const [list] = lists as unknown[][];
  if (lists.length !== 1 || !list!.every((row) => typeof row === 'object' && row !== null))
    throw new ReportNotUsable(
      'report.file-broken',
      'The file is no list of rows.',
      'Order the report as CSV, and tell us what this one looks like.',
    );
  return list as Record<string, unknown>[];
}

const textsOf = (row: Record<string, unknown>): RawRow =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  );

import { Readable } from 'node:stream';
import type { ColumnMap } from '../domain/rated-columns.ts';
import type { RawRow } from '../domain/rated-row.ts';
import { ReportNotUsable } from '../domain/report.errors.ts';
import { StoredNumber } from './cell-text.ts';
import { areRatedColumns, checkNoTwins, columnsMissing } from './check-columns.ts';
import { decodeText } from './decode-text.ts';
import { wholeFile } from './whole-file.ts';

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown;

/** Reads a JSON file, a list of objects or an object with one such list, as a whole. Numbers stay the digits they are written with. */
export async function* readJson(file: Readable, columns: ColumnMap, limit: number): AsyncGenerator<RawRow> {
  const bytes = await wholeFile(file, limit);
  let text = '';
  for await (const piece of decodeText(Readable.from([bytes]) as AsyncIterable<Buffer>)) text += piece;
  const parsed = parseWithSource(text.replace(/^\uFEFF/, ''), (_, value, { source }) =>
    typeof value === 'number' ? new StoredNumber(source ?? String(value)) : value,
  );
  const rows = listIn(parsed);
  // A row may leave out what it has nothing for.
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  if (rows.length && !areRatedColumns([...names], columns)) throw columnsMissing([...names]);
  checkNoTwins([...names], columns);
  for (const row of rows) yield cellsOf(row);
}

function listIn(parsed: unknown): Record<string, unknown>[] {
  const lists = Array.isArray(parsed)
    ? [parsed]
    : Object.values((parsed ?? {}) as object).filter((value) => Array.isArray(value));
  const [list] = lists as unknown[][];
  if (
    lists.length !== 1 ||
    !list!.every((row) => typeof row === 'object' && row !== null && !(row instanceof StoredNumber))
  )
    throw new ReportNotUsable(
      'report.file-broken',
      'The file is no list of rows.',
      'Order the report as CSV, and tell us what this one looks like.',
    );
  return list as Record<string, unknown>[];
}

const cellsOf = (row: Record<string, unknown>): RawRow =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)]));

function cellOf(value: unknown): RawRow[string] {
  if (value === null || value === undefined) return '';
  if (value instanceof StoredNumber) return value;
  return typeof value === 'object'
    ? JSON.stringify(value, (_, inner: unknown) => (inner instanceof StoredNumber ? inner.exact : inner))
    : String(value as string | boolean);
}

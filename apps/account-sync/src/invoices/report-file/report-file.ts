import { pipeline, Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { parse as parseText } from 'csv-parse/sync';
import type { RawRow } from './rated-row.ts';
import {
  areRatedColumns,
  refuseAmbiguousColumns,
  type ColumnMap,
  missingColumns,
  distinctNames,
} from './rated-vocabulary.ts';
import { decodeText, limitBytes, wholeFile } from './report-bytes.ts';
import { readXlsx, StoredNumber } from './report-workbook.ts';
import { ReportNotUsable } from './report.errors.ts';

/** The largest file of each format, in bytes. */
export type FileLimits = Record<keyof typeof readers, number>;

/** A CSV is read row by row; the others have to be in memory as a whole. */
const readers = { csv: readCsv, json: readJson, xlsx: readXlsx } as const;

/**
 * The rows of a report's file, as texts.
 * @throws ReportNotUsable whatever is wrong with the file or its download
 */
export async function* readRows(
  file: Readable,
  format: string,
  columns: ColumnMap,
  limits: FileLimits,
): AsyncGenerator<RawRow> {
  const known = Object.hasOwn(readers, format) ? (format as keyof typeof readers) : undefined;
  try {
    if (!known) throw unknownFormat(format);
    yield* readers[known](file, columns, limits[known]);
  } catch (error) {
    if (error instanceof ReportNotUsable) throw error;
    throw new ReportNotUsable(
      'report.file-broken',
      `The file could not be read to its end: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`,
      'It is fetched again with the next run; if it stays so, order the report anew.',
      { cause: error },
    );
  } finally {
    file.destroy();
  }
}

const unknownFormat = (format: string): ReportNotUsable =>
  new ReportNotUsable(
    'report.format-unknown',
    `Reports in the format "${format}" are not read.`,
    'Have the report exported as CSV, XLSX or JSON.',
  );

const longestRecord = 262_144;
const headLength = 65_536;
const separators = [',', ';', '\t', '|'] as const;

/** Reads a CSV row by row. A row with fewer cells than there are columns means that the file was cut off. */
async function* readCsv(file: Readable, columns: ColumnMap, limit: number): AsyncGenerator<RawRow> {
  const limited = limitBytes(limit);
  pipeline(file, limited, () => undefined);
  const text = decodeText(limited as AsyncIterable<Buffer>);
  let head = '';
  for (let piece = await text.next(); !piece.done; piece = await text.next()) {
    head += piece.value;
    if (head.length >= headLength) break;
  }
  const { delimiter, body } = detectSeparator(head.replace(/^\uFEFF/, ''), columns);
  const parser = parse({
    delimiter,
    skip_empty_lines: true,
    // Spreadsheets end a file with rows of separators.
    skip_records_with_empty_values: true,
    max_record_size: longestRecord,
    columns: (header: string[]) => {
      refuseAmbiguousColumns(header, columns);
      return distinctNames(header);
    },
  });
  pipeline(Readable.from(concatenated(body, text)), parser, () => undefined);
  yield* parser as AsyncIterable<RawRow>;
}

async function* concatenated(head: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield head;
  yield* rest;
}

/** The separator with which the first row has the columns of rated data. Excel may name it in a line before that (`sep=;`). */
function detectSeparator(head: string, columns: ColumnMap): { delimiter: string; body: string } {
  const hint = /^"?sep=(.)"?\r?\n/i.exec(head);
  const body = hint ? head.slice(hint[0].length) : head;
  let most: string[] = [];
  for (const delimiter of hint ? [hint[1]!] : separators) {
    const header = firstRow(body, delimiter);
    if (areRatedColumns(header, columns)) return { delimiter, body };
    if (header.length > most.length) most = header;
  }
  throw missingColumns(most, 'commas, semicolons, tabs or vertical bars');
}

function firstRow(text: string, delimiter: string): string[] {
  try {
    const options = { delimiter, to: 1, skip_empty_lines: true, relax_column_count: true };
    const [first = []] = parseText(text, { ...options, max_record_size: longestRecord }) as string[][];
    return first;
  } catch {
    return [];
  }
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown;

/** Reads a JSON file, a list of objects or an object with one such list, as a whole. Numbers keep the digits they are written with. */
async function* readJson(file: Readable, columns: ColumnMap, limit: number): AsyncGenerator<RawRow> {
  const bytes = await wholeFile(file, limit);
  let text = '';
  for await (const piece of decodeText(Readable.from([bytes]) as AsyncIterable<Buffer>)) text += piece;
  const parsed = parseWithSource(text.replace(/^\uFEFF/, ''), (_, value, { source }) =>
    typeof value === 'number' ? new StoredNumber(source ?? String(value)) : value,
  );
  const rows = rowsIn(parsed);
  // A row may leave out what it has nothing for.
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  if (rows.length && !areRatedColumns([...names], columns)) throw missingColumns([...names]);
  refuseAmbiguousColumns([...names], columns);
  for (const row of rows) yield cells(row);
}

function rowsIn(parsed: unknown): Record<string, unknown>[] {
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

const cells = (row: Record<string, unknown>): RawRow =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)]));

function cellOf(value: unknown): RawRow[string] {
  if (value === null || value === undefined) return '';
  if (value instanceof StoredNumber) return value;
  return typeof value === 'object'
    ? JSON.stringify(value, (_, inner: unknown) => (inner instanceof StoredNumber ? inner.exact : inner))
    : String(value as string | boolean);
}

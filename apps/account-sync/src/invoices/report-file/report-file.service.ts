import { pipeline, Readable, Transform } from 'node:stream';
import { parse } from 'csv-parse';
import { parse as parseText } from 'csv-parse/sync';
import type { RawRow } from './rated-row.ts';
import {
  areRatedColumns,
  type ColumnMap,
  distinctNames,
  missingColumns,
  refuseAmbiguousColumns,
} from './rated-vocabulary.ts';
import {
  UnreadableReportFile,
  maxRowLength,
  maxColumns,
  tooLarge,
  tooManyColumns,
  tooManyRows,
} from './unreadable-report-file.ts';
import { readApart } from './file-reader.worker.ts';
import type { Cell } from './report-workbook.ts';
import { ReportNotUsable } from './report.errors.ts';
import { decodeText } from './text-encoding.ts';

/** The largest file of each format, in bytes, the most rows, and the memory for a file that is read as a whole, in MiB. */
export type FileLimits = Record<keyof typeof readers | 'rows' | 'memory', number>;

/** A CSV is read row by row; the other formats have to be loaded completely. */
const readers = { csv: readCsv, json: readJson, xlsx: readXlsx } as const;

/**
 * Reads the rows of a report's file, as strings.
 * @throws ReportNotUsable for any problem with the file or its download
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
    let rows = 0;
    for await (const row of readers[known](file, columns, limits)) {
      if (++rows > limits.rows) throw tooManyRows(limits.rows);
      yield row;
    }
  } catch (error) {
    if (error instanceof ReportNotUsable) throw error;
    if (error instanceof UnreadableReportFile)
      throw new ReportNotUsable(error.code, error.message, error.nextStep, { cause: error });
    throw new ReportNotUsable(
      'report.file-broken',
      `The file could not be read to the end: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`,
      'The next run downloads it again; if it still fails, request the report again.',
      { cause: error },
    );
  } finally {
    file.destroy();
  }
}

const unknownFormat = (format: string): ReportNotUsable =>
  new ReportNotUsable(
    'report.format-unknown',
    `Reports in the format "${format}" are not supported.`,
    'Have the report exported as CSV, XLSX or JSON.',
  );

const headLength = 65_536;
const separators = [',', ';', '\t', '|'] as const;

/** Reads a CSV row by row. A row with fewer cells than there are columns means that the file was truncated. */
async function* readCsv(file: Readable, columns: ColumnMap, limits: FileLimits): AsyncGenerator<RawRow> {
  const limited = limitBytes(limits.csv);
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
    max_record_size: maxRowLength,
    columns: (header: string[]) => {
      if (header.length > maxColumns) throw tooManyColumns();
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

/**
 * Detects the separator: the one that yields the rated-data columns in the first row. Excel may declare it in a preceding line
 * (`sep=;`).
 */
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
    const [first = []] = parseText(text, { ...options, max_record_size: maxRowLength }) as string[][];
    return first;
  } catch {
    return [];
  }
}

/** There may be titles and blank rows above the column names. */
const headerWithin = 20;

/** Reads a workbook as a whole; see `readWorkbook`. */
async function* readXlsx(file: Readable, columns: ColumnMap, limits: FileLimits): AsyncGenerator<RawRow> {
  let names: string[] | undefined;
  for await (const { rows } of readApart(await wholeFile('xlsx', file, limits))) {
    let from = 0;
    if (!names) {
      const texts = (rows as Cell[][]).slice(0, headerWithin).map((row) => row.map(cellText));
      const header = texts.findIndex((row) => areRatedColumns(row, columns));
      if (header < 0) throw missingColumns(texts[0] ?? []);
      refuseAmbiguousColumns(texts[header]!, columns);
      names = distinctNames(texts[header]!);
      from = header + 1;
    }
    for (const cells of rows.slice(from) as Cell[][])
      if (cells.some((cell) => cell !== ''))
        yield Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  }
}

const cellText = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.exact);

/** Reads a JSON file as a whole, a list of objects or an object with one such list. */
async function* readJson(file: Readable, columns: ColumnMap, limits: FileLimits): AsyncGenerator<RawRow> {
  for await (const { rows, names } of readApart(await wholeFile('json', file, limits))) {
    if (names && rows.length && !areRatedColumns(names, columns)) throw missingColumns(names);
    if (names) refuseAmbiguousColumns(names, columns);
    yield* rows as RawRow[];
  }
}

/** Passes the bytes on until they exceed the limit. */
function limitBytes(limit: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes > limit) return done(tooLarge(limit));
      done(null, chunk);
    },
  });
}

/**
 * Reads a whole file into memory, for formats that cannot be streamed.
 * @throws UnreadableReportFile if it exceeds its limit
 */
async function wholeFile(format: 'json' | 'xlsx', file: Readable, limits: FileLimits) {
  const limited = limitBytes(limits[format]);
  pipeline(file, limited, () => undefined);
  const parts: Buffer[] = [];
  for await (const part of limited) parts.push(part as Buffer);
  // Workbooks store repeated strings once, so the characters are limited too: a small workbook may expand to more text than the
  // largest CSV.
  return {
    format,
    bytes: Buffer.concat(parts),
    limits: { bytes: limits[format], characters: limits.csv, rows: limits.rows, memory: limits.memory },
  };
}

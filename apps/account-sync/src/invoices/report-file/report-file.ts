import { isAscii, isUtf8 } from 'node:buffer';
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
import { readWorkbook, StoredNumber } from './report-workbook.ts';
import { ReportNotUsable, tooLarge } from './report.errors.ts';

/** The largest file of each format, in bytes. */
export type FileLimits = Record<keyof typeof readers, number>;

/** A CSV is read row by row; the others have to be in memory as a whole. */
const readers = { csv: readCsv, json: readJson, xlsx: readXlsx } as const;

/**
 * The rows of a report's file, as texts.
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
    yield* readers[known](file, columns, limits[known]);
  } catch (error) {
    if (error instanceof ReportNotUsable) throw error;
    throw new ReportNotUsable(
      'report.file-broken',
      `The file could not be read to the end: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`,
      'The next run downloads it again; if it still fails, order the report again.',
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

/** Reads a workbook as a whole; see `readWorkbook`. */
async function* readXlsx(file: Readable, columns: ColumnMap, limit: number): AsyncGenerator<RawRow> {
  yield* readWorkbook(await wholeFile(file, limit), columns, limit);
}

/** Reads a JSON file, a list of objects or an object with one such list, as a whole. Numbers keep the digits they are written with. */
async function* readJson(file: Readable, columns: ColumnMap, limit: number): AsyncGenerator<RawRow> {
  const bytes = await wholeFile(file, limit);
  let text = '';
  for await (const piece of decodeText(Readable.from([bytes]) as AsyncIterable<Buffer>)) text += piece;
  const parsed = parseWithSource(text.replace(/^\uFEFF/, ''), (_, value, { source }) =>
    typeof value === 'number' ? new StoredNumber(source ?? String(value)) : value,
  );
  const rows = rowsIn(parsed);
  // A row may omit empty values.
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
      'The file is not a list of rows.',
      'Order the report as CSV, and report what this one looks like.',
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

/** All of a file whose format cannot be read piece by piece. @throws ReportNotUsable when it is larger than `limit` bytes */
async function wholeFile(file: Readable, limit: number): Promise<Buffer> {
  const limited = limitBytes(limit);
  pipeline(file, limited, () => undefined);
  const parts: Buffer[] = [];
  for await (const part of limited) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Bytes that Windows-1252 does not define: a file that has one of them is in another encoding. */
const unassigned = /[\u0081\u008d\u008f\u0090\u009d]/;

/**
 * Sequences that do not occur in Western text, but in text of other encodings read as Windows-1252: runs of accented letters
 * (Cyrillic, Greek, Hebrew), signs within a word (Central European, DOS) or after it, and upper-case letters after
 * lower-case ones (Macintosh).
 */
const notWindows1252 =
  /[\u00c0-\u00ff]{4}|\p{L}[†‡‹›“”¡¢£¤¥¦¨¬¯±³¶¸¹¿]\p{L}|\p{L}[‚ƒ„ˆ‰]|\p{Ll}[ŠŒŽŸ]|\p{L}[ŠŒŽŸ]\p{Ll}/u;

/**
 * The text of a file, piece by piece: UTF-8 or UTF-16, with or without a byte order mark, else Windows-1252.
 * @throws ReportNotUsable (report.encoding-unknown) rather than losing a letter
 */
async function* decodeText(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let decode: ((piece: Buffer, last: boolean) => string) | undefined;
  let start = Buffer.alloc(0);
  for await (const piece of bytes) {
    if (decode) {
      yield decode(piece, false);
      continue;
    }
    start = Buffer.concat([start, piece]);
    if (start.length < 4) continue;
    decode = decoderFor(start);
    yield decode(start, false);
  }
  decode ??= decoderFor(start);
  yield start.length < 4 ? decode(start, true) : decode(Buffer.alloc(0), true);
}

/** From the byte order mark, or from the positions of UTF-16's zero bytes: names of columns are ASCII. */
function decoderFor(start: Buffer): (piece: Buffer, last: boolean) => string {
  const [a, b, c, d] = start;
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff))
    throw unknownEncoding('It is UTF-32.');
  if ((a === 0xff && b === 0xfe) || (a && b === 0 && c && d === 0)) return utf16('utf-16le');
  if ((a === 0xfe && b === 0xff) || (a === 0 && b && c === 0 && d)) return utf16('utf-16be');
  return bytewise();
}

function utf16(encoding: 'utf-16le' | 'utf-16be'): (piece: Buffer, last: boolean) => string {
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (piece, last) => {
    try {
      return decoder.decode(piece, { stream: !last });
    } catch (cause) {
      throw unknownEncoding('It starts as UTF-16 and continues in another encoding.', cause);
    }
  };
}

/** UTF-8 until the first byte that is none; if all before it is plain ASCII, the file is Windows-1252. */
function bytewise(): (piece: Buffer, last: boolean) => string {
  const latin = new TextDecoder('windows-1252');
  let held = Buffer.alloc(0);
  let encoding: 'utf-8' | 'windows-1252' | undefined;
  return (piece, last) => {
    const all = Buffer.concat([held, piece]);
    const end = last ? all.length : wholeCharacters(all);
    held = all.subarray(end);
    const part = all.subarray(0, end);
    if (isAscii(part)) return part.toString('latin1');
    const inUtf8 = isUtf8(part);
    encoding ??= inUtf8 ? 'utf-8' : 'windows-1252';
    if (encoding === 'utf-8') {
      if (!inUtf8) throw mixedEncoding();
      return part.toString('utf8');
    }
    const text = latin.decode(part);
    if (unassigned.test(text)) throw unknownEncoding('It is neither UTF-8 nor Windows-1252.');
    if (/[\u00c2\u00c3][\u0080-\u00bf]/.test(part.toString('latin1'))) throw mixedEncoding();
    if (notWindows1252.test(text))
      throw unknownEncoding(
        'It is not UTF-8, and it contains sequences that do not occur in Windows-1252 text.',
      );
    return text;
  };
}

/** Where the last character starts that may continue in the next chunk. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++)
    if (bytes[bytes.length - back]! >= 0xc0) return bytes.length - back;
  return bytes.length;
}

const unknownEncoding = (why: string, cause?: unknown): ReportNotUsable =>
  new ReportNotUsable(
    'report.encoding-unknown',
    `The encoding of the file is unclear. ${why}`,
    'Order the report again as XLSX or JSON, or as CSV in UTF-8.',
    { cause },
  );

const mixedEncoding = (): ReportNotUsable =>
  unknownEncoding('Some of its characters are UTF-8 and some are not.');

import { inflateRawSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { readSheet } from 'read-excel-file/node';
import { Parser } from 'saxen';
import {
  UnreadableReportFile,
  maxColumns,
  tooLarge,
  tooManyColumns,
  tooManyRows,
} from './unreadable-report-file.ts';

/** Above about 200,000 rows the reader's run time is quadratic in the number of rows. */
const maxRowsOfSheet = 131_072;

/** Maximum expansion factor. Sheets are XML, which compresses to about a tenth of its size. */
const mayUnpackTo = 15;

/** The output form of a cell: a string, or the exact text of a number or date. */
export type Cell = string | { exact: string };

/**
 * Reads the first sheet of a workbook as a whole: unpacked and parsed it takes about 75 times the size of the file in memory.
 * Therefore its limit is smaller than that of a CSV, and it is read in a separate process.
 * @throws UnreadableReportFile before anything is unpacked or allocated beyond the limits
 */
export async function readWorkbook(
  archive: Buffer,
  { bytes, rows: maxRows }: { bytes: number; rows: number },
): Promise<Cell[][]> {
  const parts = unpack(archive, bytes);
  for (const part of Object.values(parts)) checkPositions(part, Math.min(maxRows, maxRowsOfSheet));
  // ZIP stores sizes and names twice, and the reader does not compare them; so it gets a new archive that contains only the parts
  // that were checked.
  const checked = Buffer.from(zipSync(parts, { level: 0 }));
  const rows = await readSheet(checked, {
    parseNumber: (stored) => new StoredNumber(cellNumber(stored)) as never,
  });
  return rows.map((row) => row.map(cellOf));
}

class StoredNumber {
  readonly exact: string;
  constructor(exact: string) {
    this.exact = exact;
  }
}

function cellOf(cell: unknown): Cell {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof StoredNumber) return { exact: cell.exact };
  return cell instanceof Date ? { exact: cell.toISOString().slice(0, 10) } : String(cell as string | boolean);
}

/**
 * A number as a workbook stores it. Excel has a precision of 15 digits and writes up to 17: 12.4 may be stored as
 * 12.400000000000000001. Digits beyond 15 are floating-point noise and are rounded off here, once.
 */
export function cellNumber(stored: string): string {
  const digits = stored
    .replace(/[eE].*$/, '')
    .replace(/[^\d]/g, '')
    .replace(/^0+/, '');
  return digits.length > 15 ? String(Number(Number(stored).toPrecision(15))) : stored;
}

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;

interface Entry {
  name: string;
  /** Compression method: 0 stored, 8 deflate. */
  method: number;
  /** Compressed size. */
  packed: number;
  /** Offset of its local header. */
  at: number;
}

const incomplete = (cause?: unknown): UnreadableReportFile =>
  new UnreadableReportFile(
    'report.file-broken',
    'The file is not a complete workbook.',
    'The next run downloads it again; if it still fails, request the report as CSV.',
    { cause },
  );

/** The directory of a ZIP archive. */
function readDirectory(archive: Buffer): Entry[] {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > archive.length || archive.readUInt32LE(end) !== endOfDirectory)
    throw incomplete();
  let at = archive.readUInt32LE(end + 16);
  const entries: Entry[] = [];
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== directoryEntry) throw incomplete();
    const nameEnd = at + 46 + archive.readUInt16LE(at + 28);
    entries.push({
      name: archive.toString('utf8', at + 46, nameEnd),
      method: archive.readUInt16LE(at + 10),
      packed: archive.readUInt32LE(at + 20),
      at: archive.readUInt32LE(at + 42),
    });
    at = nameEnd + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

/**
 * The XML parts of a workbook, keyed by name. Bytes are counted while they are unpacked: the sizes declared in the archive are not
 * trusted, and several entries may share the same bytes.
 */
function unpack(archive: Buffer, limit: number): Record<string, Uint8Array> {
  const parts: Record<string, Uint8Array> = {};
  let left = limit * mayUnpackTo;
  for (const entry of readDirectory(archive)) {
    if (!/\.xml(\.rels)?$/.test(entry.name)) continue;
    const part = unpackEntry(archive, entry, left, limit);
    left -= part.length;
    if (left < 0) throw tooLarge(limit);
    parts[entry.name] = part;
  }
  return parts;
}

function unpackEntry(
  archive: Buffer,
  { method, packed, at }: Entry,
  left: number,
  limit: number,
): Uint8Array {
  if (at + 30 > archive.length) throw incomplete();
  const start = at + 30 + archive.readUInt16LE(at + 26) + archive.readUInt16LE(at + 28);
  const data = archive.subarray(start, start + packed);
  if (method === 0) return data;
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, left) });
  } catch (cause) {
    throw (cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(limit) : incomplete(cause);
  }
}

/** Maximum number of empty cells: in total for small sheets, and per filled cell. */
const emptyCells = { inAll: 250_000, perCell: 20 };

/**
 * Rejects positions beyond the limits, and sheets that span far more cells than they contain: the parser creates all of them, and
 * two cells in opposite corners would make it allocate 17 billion.
 */
function checkPositions(part: Uint8Array, maxRows: number): void {
  const xml = Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('utf8');
  if (!xml.includes('sheetData')) return;
  let [rows, lastRow, columns, cells] = [0, 0, 0, 0];
  const parser = new Parser();
  parser.on('error', (error) => {
    throw incomplete(error);
  });
  parser.on('openTag', (element, attributes, decode) => {
    const isRow = localName(element) === 'row';
    if (!isRow && localName(element) !== 'c') return;
    if (isRow) rows += 1;
    else cells += 1;
    for (const [name, value] of Object.entries(attributes())) {
      if (localName(name) !== 'r') continue;
      const [, letters = '', row] = /^([A-Z]{0,3})(\d{1,7})$/.exec(decode(value)) ?? [];
      if (row === undefined || isRow === letters.length > 0) throw oddPosition(decode(value));
      lastRow = Math.max(lastRow, Number(row));
      columns = Math.max(columns, columnNumber(letters));
    }
  });
  parser.parse(xml);
  if (lastRow * columns > emptyCells.inAll + emptyCells.perCell * cells)
    throw new UnreadableReportFile(
      'report.file-broken',
      'The workbook has a cell far away from all others, and everything in between would make it too large.',
      'Order the report as CSV, or delete the far rows and columns.',
    );
  if (Math.max(rows, lastRow) > maxRows) throw tooManyRows(maxRows);
  if (columns > maxColumns) throw tooManyColumns();
}

const oddPosition = (position: string): UnreadableReportFile =>
  new UnreadableReportFile(
    'report.file-broken',
    `The workbook has a cell or row at "${position.slice(0, 40)}", which is no position in a sheet.`,
    'Order the report as CSV.',
  );

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

const columnNumber = (letters: string): number =>
  [...letters].reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0);

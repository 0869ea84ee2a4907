import { inflateRawSync } from 'node:zlib';
import { readSheet } from 'read-excel-file/node';
import type { RawRow } from './rated-row.ts';
import {
  areRatedColumns,
  type ColumnMap,
  distinctNames,
  missingColumns,
  refuseAmbiguousColumns,
} from './rated-vocabulary.ts';
import { ReportNotUsable, tooLarge } from './report.errors.ts';

/** Sheets are XML, which packs to about a tenth. */
const mayUnpackTo = 15;
/** There may be titles and blank rows above the names of the columns. */
const headerWithin = 20;

/**
 * Reads the first sheet of a workbook as a whole: unpacked and parsed it takes some 75 times the bytes of the file in memory,
 * which is why its limit is smaller than that of a CSV.
 */
export async function* readWorkbook(
  archive: Buffer,
  columns: ColumnMap,
  limit: number,
): AsyncGenerator<RawRow> {
  const unpacked = unpackedSize(archive);
  if (unpacked === undefined)
    throw new ReportNotUsable(
      'report.file-broken',
      'The file is not a complete workbook.',
      'The next run downloads it again; if it still fails, order the report as CSV.',
    );
  if (unpacked > limit * mayUnpackTo) throw tooLarge(limit);
  if (hasDistantCells(archive))
    throw new ReportNotUsable(
      'report.file-broken',
      'The workbook has a cell far away from all others, and everything in between would make it too large.',
      'Order the report as CSV, or delete the far rows and columns.',
    );
  const rows = await readSheet(archive, {
    parseNumber: (stored) => new StoredNumber(cellNumber(stored)) as never,
  });
  const texts = (row: readonly unknown[]) => row.map(cellText);
  const header = rows.slice(0, headerWithin).findIndex((row) => areRatedColumns(texts(row), columns));
  if (header < 0) throw missingColumns(texts(rows[0] ?? []));
  refuseAmbiguousColumns(texts(rows[header]!), columns);
  const names = distinctNames(texts(rows[header]!));
  for (let at = header + 1; at < rows.length; at++) {
    const cells = rows[at]!.map(cellOf);
    if (cells.every((cell) => cell === '')) continue;
    yield Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
    // Frees the memory of rows that were yielded.
    rows[at] = [];
  }
}

/** A number as a file stores it, digit by digit, kept apart from a text that looks like one. */
export class StoredNumber {
  constructor(readonly exact: string) {}
}

/** The value of a workbook's cell. */
function cellOf(cell: unknown): RawRow[string] {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof StoredNumber) return cell;
  return cell instanceof Date ? { exact: cell.toISOString().slice(0, 10) } : String(cell as string | boolean);
}

/** The value of a workbook's cell, as text. */
function cellText(cell: unknown): string {
  const value = cellOf(cell);
  return typeof value === 'string' ? value : value.exact;
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
  /** 0: as it is, 8: deflated. */
  method: number;
  packed: number;
  unpacked: number;
  /** Where its own header begins. */
  at: number;
}

/** The directory of a ZIP archive; undefined when it is not one. */
function readDirectory(archive: Buffer): Entry[] | undefined {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > archive.length || archive.readUInt32LE(end) !== endOfDirectory) return undefined;
  let at = archive.readUInt32LE(end + 16);
  const entries: Entry[] = [];
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== directoryEntry) return undefined;
    const nameEnd = at + 46 + archive.readUInt16LE(at + 28);
    entries.push({
      name: archive.toString('utf8', at + 46, nameEnd),
      method: archive.readUInt16LE(at + 10),
      packed: archive.readUInt32LE(at + 20),
      unpacked: archive.readUInt32LE(at + 24),
      at: archive.readUInt32LE(at + 42),
    });
    at = nameEnd + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

/**
 * The total unpacked size of a ZIP archive according to its directory; undefined if it is not one. Checked before unpacking,
 * because an archive of a few kilobytes may contain gigabytes of zeros.
 */
export const unpackedSize = (archive: Buffer): number | undefined =>
  readDirectory(archive)?.reduce((bytes, { unpacked }) => bytes + unpacked, 0);

/** A cell's position, `AB12`; an attribute's value cannot contain markup. */
const place = /\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']/gi;
const atOnce = 1_048_576;
/** Longer than any cell's position, so that none is split across two chunks. */
const overlap = 64;

/**
 * Whether a sheet of a workbook spans far more cells than it has: the parser creates all of them, and two cells in opposite
 * corners make 17 billion.
 * @throws RangeError if a sheet unpacks to more than the archive states
 */
function hasDistantCells(workbook: Buffer): boolean {
  return (readDirectory(workbook) ?? []).some((entry) => {
    if (!/(?:^|\/)worksheets\//i.test(entry.name)) return false;
    const sheet = unpacked(workbook, entry);
    let [rows, columns, cells] = [0, 0, 0];
    for (let from = 0; from < sheet.length; from += atOnce)
      for (const [, letters, row] of sheet
        .toString('latin1', from, from + atOnce + overlap)
        .matchAll(place)) {
        cells += 1;
        rows = Math.max(rows, Number(row));
        columns = Math.max(columns, columnNumber(letters!));
      }
    return rows * columns > 1_000_000 + 20 * cells;
  });
}

function unpacked(archive: Buffer, { method, packed, unpacked: size, at }: Entry): Buffer {
  const start = at + 30 + archive.readUInt16LE(at + 26) + archive.readUInt16LE(at + 28);
  const data = archive.subarray(start, start + packed);
  return method === 0 ? data : inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
}

const columnNumber = (letters: string): number =>
  [...letters.toUpperCase()].reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0);

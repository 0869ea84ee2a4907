import type { Readable } from 'node:stream';
import { readSheet } from 'read-excel-file/node';
import type { ColumnMap } from '../domain/rated-columns.ts';
import type { RawRow } from '../domain/rated-row.ts';
import { ReportNotUsable } from '../domain/report.errors.ts';
import { cellNumber, cellOf, cellText, StoredNumber } from './cell-text.ts';
import { areRatedColumns, checkNoTwins, columnsMissing, distinctNames } from './check-columns.ts';
import { tooLarge } from './limit-bytes.ts';
import { hasLostCells, unpackedSize } from './unpacked-size.ts';
import { wholeFile } from './whole-file.ts';

/** Sheets are XML, which packs to about a tenth. */
const mayUnpackTo = 15;
/** Titles and blank rows may stand above the names of the columns. */
const headerWithin = 20;

/**
 * Reads the first sheet of a workbook as a whole: unpacked and parsed it takes some 75 times the bytes of the file in memory,
 * which is why its limit is smaller than that of a CSV.
 */
export async function* readXlsx(file: Readable, columns: ColumnMap, limit: number): AsyncGenerator<RawRow> {
  const archive = await wholeFile(file, limit);
  const unpacked = unpackedSize(archive);
  if (unpacked === undefined)
    throw new ReportNotUsable(
      'report.file-broken',
      'The file is no complete workbook.',
      'It is fetched again with the next run; if it stays so, order the report as CSV.',
    );
  if (unpacked > limit * mayUnpackTo) throw tooLarge(limit);
  if (hasLostCells(archive))
    throw new ReportNotUsable(
      'report.file-broken',
      'The workbook has a cell far away from all others, and would be too large with all that lies between.',
      'Order the report as CSV, or delete the far rows and columns.',
    );
  const rows = await readSheet(archive, {
    parseNumber: (stored) => new StoredNumber(cellNumber(stored)) as never,
  });
  const texts = (row: readonly unknown[]) => row.map(cellText);
  const header = rows.slice(0, headerWithin).findIndex((row) => areRatedColumns(texts(row), columns));
  if (header < 0) throw columnsMissing(texts(rows[0] ?? []));
  checkNoTwins(texts(rows[header]!), columns);
  const names = distinctNames(texts(rows[header]!));
  for (let at = header + 1; at < rows.length; at++) {
    const cells = rows[at]!.map(cellOf);
    if (cells.every((cell) => cell === '')) continue;
    yield Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
    // The rows are as many objects again: what was handed on may go.
    rows[at] = [];
  }
}

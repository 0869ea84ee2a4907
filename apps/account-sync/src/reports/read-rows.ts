import type { Readable } from 'node:stream';
import type { ColumnMap } from '../domain/rated-columns.ts';
import type { RawRow } from '../domain/rated-row.ts';
import { ReportNotUsable } from '../domain/report.errors.ts';
import { readCsv } from './read-csv.ts';
import { readJson } from './read-json.ts';
import { readXlsx } from './read-xlsx.ts';

/** The largest file of each format, in bytes. */
export type FileLimits = Record<keyof typeof readers, number>;

/** A CSV comes row by row; the others have to be held as a whole. */
const readers = { csv: readCsv, json: readJson, xlsx: readXlsx } as const;

/**
 * The rows of a report's file, as texts.
 * @throws ReportNotUsable whatever is wrong with the file or with its coming
 */
export async function* readRows(
  file: Readable,
  format: string,
  columns: ColumnMap,
  limits: FileLimits,
): AsyncGenerator<RawRow> {
  const known = Object.hasOwn(readers, format) ? (format as keyof typeof readers) : undefined;
  try {
    if (!known) throw formatUnknown(format);
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

const formatUnknown = (format: string): ReportNotUsable =>
  new ReportNotUsable(
    'report.format-unknown',
    `Reports in the format "${format}" are not read.`,
    'Have the report exported as CSV, XLSX or JSON.',
  );

import { pipeline, type Readable } from 'node:stream';
import { parse } from 'csv-parse';
import type { ColumnMap } from '../domain/rated-columns.ts';
import type { RawRow } from '../domain/rated-row.ts';
import { areRatedColumns, columnsMissing } from './check-columns.ts';
import { limitBytes } from './limit-bytes.ts';

const longestRecord = 262_144;

/** Reads a CSV row by row, never more than a few at once. A row with fewer cells than there are columns is a broken file: it was cut off. */
export async function* readCsv(file: Readable, columns: ColumnMap, limit: number): AsyncGenerator<RawRow> {
  let hasHeader = false;
  const parser = parse({
    bom: true,
    skip_empty_lines: true,
    max_record_size: longestRecord,
    columns: (header: string[]) => {
      if (!areRatedColumns(header, columns)) throw columnsMissing(header);
      hasHeader = true;
      return header;
    },
  });
  pipeline(file, limitBytes(limit), parser, () => undefined);
  yield* parser as AsyncIterable<RawRow>;
  if (!hasHeader) throw columnsMissing([]);
}

import { pipeline, Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { parse as parseText } from 'csv-parse/sync';
import type { ColumnMap } from '../domain/rated-columns.ts';
import type { RawRow } from '../domain/rated-row.ts';
import { areRatedColumns, checkNoTwins, columnsMissing, distinctNames } from './check-columns.ts';
import { decodeText } from './decode-text.ts';
import { limitBytes } from './limit-bytes.ts';

const longestRecord = 262_144;
const headLength = 65_536;
const separators = [',', ';', '\t', '|'] as const;

/** Reads a CSV row by row, never more than a few at once. A row with fewer cells than there are columns is a broken file: it was cut off. */
export async function* readCsv(file: Readable, columns: ColumnMap, limit: number): AsyncGenerator<RawRow> {
  const limited = limitBytes(limit);
  pipeline(file, limited, () => undefined);
  const text = decodeText(limited as AsyncIterable<Buffer>);
  let head = '';
  for (let piece = await text.next(); !piece.done; piece = await text.next()) {
    head += piece.value;
    if (head.length >= headLength) break;
  }
  const { delimiter, body } = separated(head.replace(/^\uFEFF/, ''), columns);
  const parser = parse({
    delimiter,
    skip_empty_lines: true,
    // Spreadsheets end a file with rows of separators.
    skip_records_with_empty_values: true,
    max_record_size: longestRecord,
    columns: (header: string[]) => {
      checkNoTwins(header, columns);
      return distinctNames(header);
    },
  });
  pipeline(Readable.from(followedBy(body, text)), parser, () => undefined);
  yield* parser as AsyncIterable<RawRow>;
}

async function* followedBy(head: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield head;
  yield* rest;
}

/** What separates the cells: that by which the first row has the columns of rated data. Excel may say so in a line before it. */
function separated(head: string, columns: ColumnMap): { delimiter: string; body: string } {
  const hint = /^"?sep=(.)"?\r?\n/i.exec(head);
  const body = hint ? head.slice(hint[0].length) : head;
  let most: string[] = [];
  for (const delimiter of hint ? [hint[1]!] : separators) {
    const header = firstRow(body, delimiter);
    if (areRatedColumns(header, columns)) return { delimiter, body };
    if (header.length > most.length) most = header;
  }
  throw columnsMissing(most, 'commas, semicolons, tabs or vertical bars');
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

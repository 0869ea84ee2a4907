import { Transform, type Readable } from 'node:stream';
import { parse, type CsvError } from 'csv-parse';
import { headerProblem, importColumns, readImportRow, type ImportRow } from '../domain/import-row.ts';
import { FileNotUsable, FileTooLarge } from './file.errors.ts';

/** A row with its place: `row` counts from 1 without the header, `line` is where it ends in the file. */
export type PlacedRow = ImportRow & { row: number; line: number };

const longestRecord = 65_536;
const emptyFile = `Begin the file with a header: ${importColumns.join(',')}`;

/**
 * Reads a CSV row by row, never more than a few at once. A row that cannot be read is answered as refused, and the next follows.
 * @throws FileNotUsable for a wrong header or encoding, FileTooLarge
 */
export async function* readMappings(file: Readable, limit: number): AsyncGenerator<PlacedRow> {
  const broken: CsvError[] = [];
  let hasHeader = false;
  const parser = parse({
    bom: true,
    info: true,
    skip_empty_lines: true,
    max_record_size: longestRecord,
    columns: (header: string[]) => {
      const names = header.map((name) => name.trim().toLowerCase());
      const problem = headerProblem(names);
      if (problem) throw new FileNotUsable(problem, `Use the columns ${importColumns.join(', ')}.`);
      hasHeader = true;
      return names;
    },
    // Reported in their place below, instead of ending the reading.
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error) broken.push(error);
    },
  });
  const guarded = file.pipe(guard(limit));
  const fail = (error: Error) => parser.destroy(error);
  file.once('error', fail);
  guarded.once('error', fail);
  guarded.pipe(parser);

  let row = 0;
  // The parser is ahead of the rows it has handed out: what it refused waits for its place.
  const refusals = function* (before = Infinity) {
    while (broken.length && lineOf(broken[0]!) < before) yield refusal((row += 1), broken.shift()!);
  };
  for await (const { record, info } of parser as AsyncIterable<{
    record: Record<string, string>;
    info: { lines: number };
  }>) {
    yield* refusals(info.lines);
    yield { ...readImportRow(record), row: (row += 1), line: info.lines };
  }
  yield* refusals();
  if (!hasHeader) throw new FileNotUsable('The file is empty.', emptyFile);
}

const refusal = (row: number, error: CsvError): PlacedRow => ({
  ok: false,
  partNumber: '',
  problem:
    error.code === 'CSV_QUOTE_NOT_CLOSED'
      ? `${error.message}. Nothing from the opening quote on could be read.`
      : error.message,
  row,
  line: lineOf(error),
});

const lineOf = (error: CsvError): number => Number(error.lines ?? 0);

/** Passes the bytes on while they are not too many and not UTF-16, which would parse as gibberish. */
function guard(limit: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      if (bytes === 0 && /^(fffe|feff)/.test(chunk.toString('hex', 0, 2))) {
        return done(new FileNotUsable('The file is UTF-16.', 'Save it as "CSV UTF-8".'));
      }
      bytes += chunk.length;
      if (bytes > limit) return done(new FileTooLarge(limit));
      done(null, chunk);
    },
  });
}

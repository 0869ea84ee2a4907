import { type Readable, Transform } from 'node:stream';
import { isoPeriod } from '@isthmus/contracts';
import { DomainError, InvalidPartNumber, PartNumber } from '@isthmus/domain';
import { type CsvError, parse } from 'csv-parse';
import { stringify } from 'csv-stringify/sync';

/** The file as a whole cannot be used; nothing was stored. */
export class FileNotUsable extends DomainError {
  static override readonly code = 'mapping-import.file-not-usable';

  constructor(problem: string, nextStep: string, options?: ErrorOptions) {
    super(problem, { nextStep, ...options });
  }
}

class FileTooLarge extends DomainError {
  static override readonly code = 'mapping-import.file-too-large';

  constructor(limit: number) {
    super(`The file is larger than ${limit} bytes.`, { nextStep: 'Split the file, or raise IMPORT_LIMIT.' });
  }
}

const importColumns = ['part_number', 'billing_period', 'term', 'product_id', 'action', 'reason'] as const;
/** Columns of an export that an import ignores, so that an edited export can be imported. */
const exportOnlyColumns = [
  'state',
  'vendor',
  'mpn',
  'product_name',
  'subscriptions',
  'mapped_by',
  'mapped_at',
] as const;

const importActions = ['map', 'exclude', 'unmap'] as const;
type ImportAction = (typeof importActions)[number];

/** A line of an import, as far as it can be checked on its own. */
type ImportRow =
  | {
      ok: true;
      partNumber: string;
      key: string;
      billingPeriod: string;
      term: string;
      /** `none`: the row names no product and requests nothing. */
      action: ImportAction | 'none';
      /** CMP's product id or ours; '' unless `action` is map. */
      product: string;
      reason: string;
    }
  | { ok: false; partNumber: string; problem: string };

/** The problem with a header; undefined if it can be used. */
export function headerProblem(header: readonly string[]): string | undefined {
  const known: readonly string[] = [...importColumns, ...exportOnlyColumns];
  const duplicate = header.find((name, index) => header.indexOf(name) !== index);
  if (duplicate !== undefined) return `The column ${JSON.stringify(duplicate)} occurs twice.`;
  const unknown = header.filter((name) => !known.includes(name));
  if (unknown.length)
    return `The columns ${unknown.map((name) => JSON.stringify(name)).join(', ')} are not known.`;
  const missing = ['part_number', 'product_id'].filter((name) => !header.includes(name));
  return missing.length ? `The column ${missing.join(' and ')} is missing.` : undefined;
}

export function parseImportRow(cells: Readonly<Record<string, string>>): ImportRow {
  const cell = (name: (typeof importColumns)[number]) => unescapeFormula(cells[name] ?? '').trim();
  const partNumber = cell('part_number').replaceAll('\u0000', '');
  const refuse = (problem: string): ImportRow => ({
    ok: false,
    partNumber: partNumber.slice(0, 600),
    problem,
  });
  const invalid = Object.entries(cells).find(([, value]) => /[\u0000\ufffd]/.test(value));
  if (invalid)
    return refuse(`${invalid[0]} holds characters that are not UTF-8. Save the file as "CSV UTF-8".`);
  const [billingPeriod, term] = [cell('billing_period').toUpperCase(), cell('term').toUpperCase()];
  for (const [name, period] of Object.entries({ billing_period: billingPeriod, term }))
    if (period && !isoPeriod.test(period))
      return refuse(`${name} ${JSON.stringify(period)} is not a period such as P1M, P1Y or P3Y.`);
  const product = cell('product_id');
  const action = cell('action').toLowerCase() || (product ? 'map' : 'none');
  if (!isAction(action))
    return refuse(`action ${JSON.stringify(action)} is not one of ${importActions.join(', ')}.`);
  if (action === 'map' && !product) return refuse('product_id is empty.');
  if (action !== 'map' && product) return refuse(`product_id must be empty to ${action}.`);
  const reason = cell('reason');
  if (reason.length > 500) return refuse('reason is longer than 500 characters.');
  try {
    const parsed = PartNumber.parse(partNumber);
    const named = { partNumber: PartNumber.print(parsed), key: PartNumber.key(parsed) };
    return { ok: true, ...named, billingPeriod, term, action, product, reason };
  } catch (error) {
    if (error instanceof InvalidPartNumber) return refuse(error.message);
    throw error;
  }
}

const isAction = (text: string): text is ImportAction | 'none' =>
  text === 'none' || importActions.some((action) => action === text);

/** Removes the apostrophe that an export puts before what a spreadsheet would evaluate. */
const unescapeFormula = (text: string): string =>
  text.replace(/^'(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/, '');

/** A row with its position: `row` counts from 1 without the header, `line` is where it ends in the file. */
export type ParsedRow = ImportRow & { row: number; line: number };

const maxRecordSize = 65_536;
/** Unreadable rows of a file: the parser reports them all before it goes on, and they are kept until their place has come. */
const maxUnreadable = 10_000;
const emptyFile = `Begin the file with a header: ${importColumns.join(',')}`;

/**
 * Reads a CSV row by row, never more than a few at once. A row that cannot be read is yielded as refused, and the next follows.
 * @throws FileNotUsable for a wrong header or encoding or too many unreadable rows, FileTooLarge
 */
export async function* parseMappings(file: Readable, limit: number): AsyncGenerator<ParsedRow> {
  const broken: CsvError[] = [];
  let hasHeader = false;
  let unreadable = 0;
  const parser = parse({
    bom: true,
    info: true,
    skip_empty_lines: true,
    max_record_size: maxRecordSize,
    columns: (header: string[]) => {
      const names = header.map((name) => name.trim().toLowerCase());
      const problem = headerProblem(names);
      if (problem) throw new FileNotUsable(problem, `Use the columns ${importColumns.join(', ')}.`);
      hasHeader = true;
      return names;
    },
    // Reported in their place below instead of aborting.
    skip_records_with_error: true,
    on_skip: (error) => {
      if (!error) return;
      broken.push(error);
      if ((unreadable += 1) > maxUnreadable) parser.destroy(tooManyUnreadable(broken[0]!));
    },
  });
  const limited = file.pipe(limitBytes(limit));
  const fail = (error: Error) => parser.destroy(error);
  file.once('error', fail);
  limited.once('error', fail);
  limited.pipe(parser);

  let row = 0;
  // The parser is ahead of the rows it has delivered: a refused row waits for its place.
  const refusals = function* (before = Infinity) {
    while (broken.length && lineOf(broken[0]!) < before) yield refusal((row += 1), broken.shift()!);
  };
  for await (const { record, info } of parser as AsyncIterable<{
    record: Record<string, string>;
    info: { lines: number };
  }>) {
    yield* refusals(info.lines);
    yield { ...parseImportRow(record), row: (row += 1), line: info.lines };
  }
  yield* refusals();
  if (!hasHeader) throw new FileNotUsable('The file is empty.', emptyFile);
}

const tooManyUnreadable = (error: CsvError) =>
  new FileNotUsable(
    `More than ${maxUnreadable} rows cannot be read, one of them in line ${lineOf(error)}: ${error.message}`,
    'Check that the file is a CSV with commas, and that every row has as many cells as the header.',
  );

const refusal = (row: number, error: CsvError): ParsedRow => ({
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

/** Passes the bytes on unless there are too many, or they are UTF-16, which would parse as gibberish. */
function limitBytes(limit: number): Transform {
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

const columns = [...importColumns, ...exportOnlyColumns] as const;

/** A cell that a spreadsheet would evaluate gets an apostrophe before it. Source: OWASP, "CSV Injection". */
const options = { columns: [...columns], escape_formulas: true };

/** A line of an export; the names are the file's columns. */
export interface ExportedMapping {
  part_number: string;
  billing_period: string;
  term: string;
  state: string;
  product_id: string;
  action: string;
  reason: string;
  vendor: string;
  mpn: string;
  product_name: string;
  subscriptions: number;
  mapped_by: string;
  mapped_at: string;
}

/** Lines of CSV with a header, one by one. */
export async function* formatMappings(lines: AsyncIterable<ExportedMapping>): AsyncGenerator<string> {
  yield `${columns.join(',')}\n`;
  for await (const line of lines) yield stringify([line], options);
}

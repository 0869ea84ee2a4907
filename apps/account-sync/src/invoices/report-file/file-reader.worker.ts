import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import {
  UnreadableReportFile,
  maxRowLength,
  maxColumns,
  rowTooLong,
  tooLarge,
  tooManyColumns,
} from './unreadable-report-file.ts';
import type { Cell } from './report-workbook.ts';
import type { ReportProblemCode } from './report.errors.ts';
import { decodeText } from './text-encoding.ts';

/** The cells of a row: in column order, or keyed by column name for formats that repeat the names in each row. */
export type FileRow = readonly Cell[] | Readonly<Record<string, Cell>>;

/** A file that is read as a whole, and its limits. */
interface WholeFile {
  format: 'json' | 'xlsx';
  bytes: Buffer;
  limits: {
    /** Maximum size of the file and of all its strings. */
    bytes: number;
    characters: number;
    rows: number;
    /** Maximum heap of the reader, in MiB. */
    memory: number;
  };
}

/**
 * Messages from the reader: a batch of rows (the first one with all column names, for formats that repeat them in each row), the
 * end of the file, or the reason why it cannot be read.
 */
type ReaderMessage =
  | { rows: FileRow[]; names?: string[] }
  | { done: true }
  | { refused: { code: ReportProblemCode; message: string; nextStep: string } }
  | { failed: string };

/** Maximum time to wait for rows. A file that takes longer to parse is assumed to be malicious. */
const patienceMs = 5 * 60_000;

/** Settles when the last queued read has ended. One reader at a time per process, so the machine needs memory for only one. */
let turn: Promise<unknown> = Promise.resolve();

const program = fileURLToPath(import.meta.url);

/**
 * Reads a file in a format that can only be parsed as a whole, in a separate process that runs this file: a file that needs more
 * memory than allowed ends only that process, and our process continues its other work. The process has no environment, so it has
 * no settings and no secrets.
 * @returns batches of rows; `names` with the first one, as in `ReaderMessage`
 * @throws UnreadableReportFile
 */
export async function* readApart(file: WholeFile): AsyncGenerator<{ rows: FileRow[]; names?: string[] }> {
  const before = turn;
  const mine = Promise.withResolvers<void>();
  turn = mine.promise;
  await before;
  const reader = fork(program, {
    execArgv: [`--max-old-space-size=${file.limits.memory}`],
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  try {
    const messages = on(reader, 'message', { close: ['exit'] }) as AsyncIterable<[ReaderMessage]>;
    const received = messages[Symbol.asyncIterator]();
    say(reader, file);
    for (;;) {
      const late = setTimeout(() => reader.kill('SIGKILL'), patienceMs);
      const next = await received.next().finally(() => clearTimeout(late));
      if (next.done) throw tooDemanding();
      const [message] = next.value;
      if ('done' in message) return;
      if ('failed' in message) throw new Error(message.failed);
      if ('refused' in message)
        throw new UnreadableReportFile(
          message.refused.code,
          message.refused.message,
          message.refused.nextStep,
        );
      yield message;
      say(reader, 'more');
    }
  } finally {
    reader.kill('SIGKILL');
    mine.resolve();
  }
}

/** Ignores send errors: if the reader has exited, the loop above ends on its `exit` event. */
const say = (reader: ChildProcess, message: WholeFile | 'more'): void =>
  void reader.send(message, () => undefined);

const tooDemanding = (): UnreadableReportFile =>
  new UnreadableReportFile(
    'report.file-broken',
    'Reading the file took more memory or time than allowed for its size.',
    'Order the report for a shorter period or as CSV. If its files are large and sound, raise REPORT_MEMORY_MB.',
  );

/** Runs in the reader process: sends the rows in batches, one for each request, and waits to be ended. */
async function readHere(): Promise<void> {
  process.once('disconnect', () => process.exit());
  const send = (message: ReaderMessage) => process.send!(message);
  try {
    const [{ format, bytes, limits }] = (await once(process, 'message')) as [WholeFile];
    let names: string[] | undefined;
    let rows: FileRow[];
    if (format === 'json') ({ rows, names } = await readJson(bytes));
    else {
      const { readWorkbook } = await import('./report-workbook.ts');
      rows = await readWorkbook(bytes, limits);
    }
    let characters = 0;
    for (const batch of batches(rows)) {
      characters += batch.characters;
      if (characters > limits.characters) throw tooLarge(limits.characters);
      send({ rows: batch.rows, names });
      names = undefined;
      await once(process, 'message');
    }
    send({ done: true });
  } catch (error) {
    if (!(error instanceof UnreadableReportFile))
      return void send({ failed: String((error as Error).message) });
    const { code, message, nextStep } = error;
    send({ refused: { code, message, nextStep } });
  }
}

const maxBatch = { rows: 1_000, characters: 4 * maxRowLength };

/** An empty file has one batch without rows. */
function* batches(rows: FileRow[]): Generator<{ rows: FileRow[]; characters: number }> {
  let batch: FileRow[] = [];
  let characters = 0;
  for (let at = 0; at < rows.length; at++) {
    const length = rowLength(rows[at]!);
    if (length > maxRowLength) throw rowTooLong(at + 1);
    if (batch.length >= maxBatch.rows || characters + length > maxBatch.characters) {
      yield { rows: batch, characters };
      [batch, characters] = [[], 0];
    }
    batch.push(rows[at]!);
    characters += length;
    // Frees the memory of rows that were passed on.
    rows[at] = [];
  }
  yield { rows: batch, characters };
}

/** The number of characters in a row, including column names for formats that repeat them in each row. */
export function rowLength(row: FileRow): number {
  let length = 0;
  for (const [name, cell] of Object.entries(row))
    length +=
      (Array.isArray(row) ? 0 : name.length) + (typeof cell === 'string' ? cell.length : cell.exact.length);
  return length;
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown;

class JsonNumber {
  readonly exact: string;
  constructor(exact: string) {
    this.exact = exact;
  }
}

/** Reads a JSON file, a list of objects or an object with one such list, as a whole. Numbers keep their original digits. */
async function readJson(bytes: Buffer): Promise<{ rows: Record<string, Cell>[]; names: string[] }> {
  let text = '';
  for await (const piece of decodeText(Readable.from([bytes]) as AsyncIterable<Buffer>)) text += piece;
  const parsed = parseWithSource(text.replace(/^\uFEFF/, ''), (_, value, { source }) =>
    typeof value === 'number' ? new JsonNumber(source ?? String(value)) : value,
  );
  const list = rowsIn(parsed);
  // Rows may omit empty values, so the names are collected from all rows.
  const names = new Set<string>();
  for (const row of list) {
    for (const name of Object.keys(row)) names.add(name);
    if (names.size > maxColumns) throw tooManyColumns();
  }
  return { rows: list.map(cells), names: [...names] };
}

function rowsIn(parsed: unknown): Record<string, unknown>[] {
  const lists = Array.isArray(parsed)
    ? [parsed]
    : Object.values((parsed ?? {}) as object).filter((value) => Array.isArray(value));
  const [list] = lists as unknown[][];
  if (
    lists.length !== 1 ||
    !list!.every((row) => typeof row === 'object' && row !== null && !(row instanceof JsonNumber))
  )
    throw new UnreadableReportFile(
      'report.file-broken',
      'The file is not a list of rows.',
      'Request the report as CSV, and report this problem with the file.',
    );
  return list as Record<string, unknown>[];
}

const cells = (row: Record<string, unknown>): Record<string, Cell> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)]));

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return '';
  if (value instanceof JsonNumber) return { exact: value.exact };
  return typeof value === 'object'
    ? JSON.stringify(value, (_, inner: unknown) => (inner instanceof JsonNumber ? inner.exact : inner))
    : String(value as string | boolean);
}

// Must stay at the end: the constants above have to be initialised first.
if (process.send && process.argv[1] === program) void readHere();

import { createReadStream } from 'node:fs';
import { ColumnMap } from '../src/invoices/report-file/rated-vocabulary.ts';
import { readRows } from '../src/invoices/report-file/report-file.service.ts';
import { ReportNotUsable } from '../src/invoices/report-file/report.errors.ts';

/**
 * A separate process for specs of files that are built to end it: reads one file, and reports the result and how many times its
 * event loop turned meanwhile.
 */
const [, , path, format] = process.argv as [string, string, string, string];
const megabyte = 1_048_576;
const limits = { csv: 256 * megabyte, json: 64 * megabyte, xlsx: 8 * megabyte, rows: megabyte, memory: 128 };

let turns = 0;
let ended = false;
const turn = (): void => {
  turns += 1;
  if (!ended) setImmediate(turn);
};
setImmediate(turn);

const told: { rows: number; code?: string; message?: string } = { rows: 0 };
try {
  for await (const _ of readRows(createReadStream(path), format, new ColumnMap(), limits)) told.rows += 1;
} catch (error) {
  if (!(error instanceof ReportNotUsable)) throw error;
  Object.assign(told, { code: error.code, message: error.message });
}
ended = true;
process.stdout.write(JSON.stringify({ ...told, turns }));

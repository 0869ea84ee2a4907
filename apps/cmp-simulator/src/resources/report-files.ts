import { Readable } from 'node:stream';
import writeXlsxFile from 'write-excel-file/node';
import type { ReportState } from '../world/report.ts';
import type { World } from '../world/world.ts';
import { amountColumns, reportTable, type ReportTable } from './report-table.ts';

/** A report's file as the store hands it out. */
export interface ReportFile {
  type: string;
  body: Readable | Buffer;
}

export async function reportFile(world: World, report: ReportState): Promise<ReportFile> {
  const { type, write } = formats[report.format];
  const { truncated, byteOrderMark } = world.reportOddities;
  const body = await write(reportTable(world, report));
  const marked = byteOrderMark && report.format !== 'xlsx' ? Readable.from(markedFirst(body)) : body;
  return { type, body: truncated ? await withoutEnd(marked) : marked };
}

interface Format {
  type: string;
  write(table: ReportTable): Readable | Promise<Buffer>;
}

const formats: Record<ReportState['format'], Format> = {
  csv: { type: 'text/csv', write: (table) => Readable.from(csv(table)) },
  json: { type: 'application/json', write: (table) => Readable.from(json(table)) },
  xlsx: { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', write: xlsx },
};

function* csv({ columns, rows }: ReportTable): Generator<string> {
  yield `${columns.join(',')}\r\n`;
  for (const row of rows) yield `${columns.map((column) => quoted(row[column] ?? '')).join(',')}\r\n`;
}

const quoted = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

/** Amounts are numbers where they can be, written digit by digit: none becomes a float on the way. */
function* json({ columns, rows }: ReportTable): Generator<string> {
  let before = '[';
  for (const row of rows) {
    const members = columns.map((column) => {
      const value = row[column] ?? '';
      const bare = amountColumns.has(column) && /^-?\d+(\.\d+)?$/.test(value);
      return `${JSON.stringify(column)}:${bare ? value : JSON.stringify(value)}`;
    });
    yield `${before}{${members.join(',')}}`;
    before = ',\n';
  }
  yield before === '[' ? '[]' : ']';
}

/** Amounts and days as cells of their kinds, as a person's workbook has them. */
function xlsx({ columns, rows }: ReportTable): Promise<Buffer> {
  const cell = (column: string, value: string) => {
    if (amountColumns.has(column) && /^-?\d+(\.\d+)?$/.test(value))
      return { value: Number(value), type: Number };
    if (column.endsWith('_DATE') && value)
      return { value: new Date(value), type: Date, format: 'yyyy-mm-dd' };
    return value === '' ? null : { value, type: String };
  };
  const sheet = [
    columns.map((value) => ({ value, type: String })),
    ...[...rows].map((row) => columns.map((column) => cell(column, row[column] ?? ''))),
  ];
  return writeXlsxFile(sheet, { sheet: 'Invoice' }).toBuffer();
}

async function* markedFirst(body: Readable | Buffer): AsyncGenerator<Buffer> {
  yield Buffer.from('\uFEFF');
  for await (const chunk of Readable.from(body)) yield Buffer.from(chunk as string);
}

/** The first nine tenths, and then not at the end of a row. */
async function withoutEnd(body: Readable | Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of Readable.from(body)) parts.push(Buffer.from(chunk as string));
  const whole = Buffer.concat(parts);
  const end = Math.floor(whole.length * 0.9);
  const lineEnd = whole.lastIndexOf('\n', end);
  return whole.subarray(0, lineEnd > 0 ? lineEnd + 9 : end);
}

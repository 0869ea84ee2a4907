import { Readable } from 'node:stream';
import writeXlsxFile from 'write-excel-file/node';
import type { ReportOddities, ReportState } from './report.ts';
import type { World } from '../world/world.ts';
import { reportTable, type ReportColumn, type ReportTable } from './report-table.ts';

/** A report's file as the store hands it out. */
export interface ReportFile {
  type: string;
  body: Readable | Buffer;
}

export async function reportFile(world: World, report: ReportState): Promise<ReportFile> {
  const { type, write } = formats[report.format];
  const { truncated, verbatim } = world.reportOddities;
  if (verbatim) return { type, body: Buffer.from(verbatim, 'base64') };
  const body = await write(reportTable(world, report), world.reportOddities);
  return { type, body: truncated ? await withoutEnd(body) : body };
}

interface Format {
  type: string;
  write(table: ReportTable, oddities: ReportOddities): Readable | Promise<Buffer>;
}

const formats: Record<ReportState['format'], Format> = {
  csv: {
    type: 'text/csv',
    write: (table, oddities) => Readable.from(encoded(csv(table, oddities.separator), oddities)),
  },
  json: {
    type: 'application/json',
    write: (table, oddities) => Readable.from(encoded(json(table), oddities)),
  },
  xlsx: { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', write: xlsx },
};

function* csv({ columns, rows }: ReportTable, separator: string): Generator<string> {
  const line = (cells: readonly string[]) =>
    `${cells.map((cell) => quoted(cell, separator)).join(separator)}\r\n`;
  yield line(columns.map(({ name }) => name));
  for (const row of rows) yield line(columns.map(({ of }) => row[of] ?? ''));
}

const quoted = (value: string, separator: string): string =>
  value.includes(separator) || /["\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

const plainNumber = /^-?\d+(\.\d+)?$/;

/** Amounts are numbers where they can be, written digit by digit: none becomes a float on the way. */
function* json({ columns, rows }: ReportTable): Generator<string> {
  let before = '[';
  for (const row of rows) {
    const members = columns.map(({ name, kind, of }) => {
      const value = row[of] ?? '';
      const bare = kind === 'amount' && plainNumber.test(value);
      return `${JSON.stringify(name)}:${bare ? value : JSON.stringify(value)}`;
    });
    yield `${before}{${members.join(',')}}`;
    before = ',\n';
  }
  yield before === '[' ? '[]' : ']';
}

/** Amounts and days as cells of their kinds, as a person's workbook has them; what is printed otherwise is text. */
function xlsx({ columns, rows }: ReportTable): Promise<Buffer> {
  const cell = ({ kind }: ReportColumn, value: string) => {
    if (kind === 'amount' && plainNumber.test(value)) return { value: Number(value), type: Number };
    if (kind === 'day' && /^[1-9]\d{3}-/.test(value))
      return { value: new Date(value), type: Date, format: 'yyyy-mm-dd' };
    return value === '' ? null : { value, type: String };
  };
  const sheet = [
    columns.map(({ name }) => ({ value: name, type: String })),
    ...[...rows].map((row) => columns.map((column) => cell(column, row[column.of] ?? ''))),
  ];
  return writeXlsxFile(sheet, { sheet: 'Invoice' }).toBuffer();
}

function* encoded(texts: Iterable<string>, { encoding, byteOrderMark }: ReportOddities): Generator<Buffer> {
  if (byteOrderMark) yield inEncoding('\uFEFF', encoding);
  for (const text of texts) yield inEncoding(text, encoding);
}

function inEncoding(text: string, encoding: ReportOddities['encoding']): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'windows-1252')
    return Buffer.from(text.replace(/[^\u0000-\u007f\u00a0-\u00ff]/g, '?'), 'latin1');
  const bytes = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16be' ? bytes.swap16() : bytes;
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

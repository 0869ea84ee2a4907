import { Readable } from 'node:stream';
import writeXlsxFile from 'write-excel-file/node';
import type { World } from '../world/world.ts';
import { fullColumns, invoiceColumns, invoiceRows, printMicros, withSeparators } from './invoice-rows.ts';
import type { ReportOddities, ReportState } from './report.ts';

/** A report's file as the store hands it out. */
interface ReportFile {
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

interface ReportColumn {
  /** As the file spells it. */
  name: string;
  kind: 'text' | 'amount' | 'day';
  /** As the rows have it. */
  of: string;
}

interface ReportTable {
  columns: readonly ReportColumn[];
  rows: Iterable<Readonly<Record<string, string>>>;
}

const amountColumns: ReadonlySet<string> = new Set([
  'RESELLER_DETAIL_QTY',
  'RESELLER_DETAIL_UNIT_PRICE',
  'RESELLER_DETAIL_TOTAL',
  'RESELLER_INVOICE_TOTAL',
]);

/** The short view's names for the columns it has. */
const shortNames: Readonly<Record<string, string>> = {
  RESELLER_ACCOUNT_ID: 'Reseller ID',
  CUSTOMER_ACCOUNT_ID: 'Customer Account ID',
  CUSTOMER_NAME: 'End Customer Name',
  SUBSCRIPTION_ID: 'Subscription ID',
  SUBSCRIPTION_NAME: 'Subscription Name',
  RESELLER_RESOURCE_MPN: 'MPN',
  CUSTOMER_DETAIL_DESCRIPTION: 'Charge Description',
  RESELLER_DETAIL_TYPE: 'Charge Type',
  RESELLER_DETAIL_QTY: 'Quantity',
  RESELLER_DETAIL_UNIT_PRICE: 'Unit Cost',
  RESELLER_DETAIL_TOTAL: 'Total Cost',
  RESELLER_ACCOUNT_CURRENCY: 'Currency',
  RESELLER_INVOICE_NUMBER: 'Invoice Number',
  RESELLER_INVOICE_DATE: 'Invoice Date',
  RESELLER_INVOICE_TOTAL: 'Invoice Total',
  RESELLER_ACTUAL_DETAIL_START_DATE: 'Charge Start Date',
  RESELLER_ACTUAL_DETAIL_END_DATE: 'Charge End Date',
};

/** The columns and rows of a report, including the oddities that are configured for the world. */
function reportTable(world: World, report: ReportState): ReportTable {
  const oddities = world.reportOddities;
  const extra = new Set(oddities.extraRows.flatMap((row) => Object.keys(row)));
  const usual = [
    ...invoiceColumns,
    ...(oddities.view === 'invoice' ? [] : fullColumns),
    ...(oddities.invoiceTotalColumn ? ['RESELLER_INVOICE_TOTAL'] : []),
  ].filter((column) => oddities.view !== 'short' || column in shortNames);
  const all = [...usual, ...[...extra].filter((column) => !(usual as string[]).includes(column))];
  const known = oddities.shuffledColumns ? all.toReversed() : all;
  const columns = oddities.unknownColumns ? ['COST_CENTRE', ...known, 'RESELLER_LOYALTY_POINTS'] : known;
  return {
    columns: columns.map((of) => ({
      of,
      name: spelt((oddities.view === 'short' && shortNames[of]) || of, oddities.spelling),
      kind: amountColumns.has(of) ? 'amount' : of.endsWith('_DATE') ? 'day' : 'text',
    })),
    rows: tableRows(world, report),
  };
}

function spelt(name: string, spelling: ReportOddities['spelling']): string {
  if (spelling === 'upper') return name;
  const words = name.toLowerCase().split(/[_ ]/);
  const capital = (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1);
  return spelling === 'camel' ? words.map(capital).join('') : capital(words.join(' '));
}

const accents = ['Café Étoile', 'Müller & Söhne', 'Ñandú Señor'];

function* tableRows(world: World, report: ReportState): Generator<Record<string, string>> {
  const { reportOddities: oddities } = world;
  const { unknownColumns, totalRow, moreDecimals } = oddities;
  const digits = moreDecimals ? 6 : 2;
  const more: Record<string, string> = unknownColumns
    ? { COST_CENTRE: 'CC-7', RESELLER_LOYALTY_POINTS: '12' }
    : {};
  yield* oddities.extraRows;
  const total = () => printAmount(printMicros(sumTotal(world, report), digits), oddities);
  if (oddities.invoiceTotalColumn) more.RESELLER_INVOICE_TOTAL = total();
  let nth = 0;
  for (const { row } of invoiceRows(world, report)) {
    yield { ...printed(row, oddities), ...oddAt(nth++, row.CUSTOMER_NAME, oddities), ...more };
  }
  if (totalRow) yield { CUSTOMER_NAME: 'Grand Total', RESELLER_DETAIL_TOTAL: total() };
}

function sumTotal(world: World, report: ReportState): bigint {
  let sum = BigInt(world.reportOddities.totalOffCents) * 10_000n;
  for (const { micros } of invoiceRows(world, report)) sum += micros;
  return sum;
}

/** The oddities of a single row. */
function oddAt(nth: number, customer: string, { accents: accented, halfEmoji, yearZero }: ReportOddities) {
  return {
    ...(accented && nth < accents.length ? { CUSTOMER_NAME: accents[nth]! } : {}),
    ...(halfEmoji && nth === 3 ? { CUSTOMER_NAME: `${customer} \ud83d` } : {}),
    ...(yearZero && nth === 4 ? { RESELLER_ACTUAL_DETAIL_START_DATE: '0000-01-01' } : {}),
  };
}

function printed(row: Readonly<Record<string, string>>, oddities: ReportOddities): Record<string, string> {
  const print = (name: string, value: string) => {
    if (amountColumns.has(name)) return printAmount(value, oddities, name !== 'RESELLER_DETAIL_QTY');
    return name.endsWith('_DATE') ? printDay(value, oddities.days) : value;
  };
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      oddities.withoutSubscriptions && name === 'SUBSCRIPTION_ID' ? '' : print(name, value),
    ]),
  );
}

function printAmount(
  amount: string,
  { thousandsSeparators, decimalComma }: ReportOddities,
  mayBeGrouped = true,
): string {
  const text = thousandsSeparators && mayBeGrouped ? withSeparators(amount) : amount;
  return decimalComma ? text.replace(/[.,]/g, (mark) => (mark === '.' ? ',' : '.')) : text;
}

function printDay(day: string, days: ReportOddities['days']): string {
  const [year, month, date] = day.split('-');
  if (days === 'year-first' || !date) return day;
  return days === 'day-first' ? `${date}/${month}/${year}` : `${month}/${date}/${year}`;
}

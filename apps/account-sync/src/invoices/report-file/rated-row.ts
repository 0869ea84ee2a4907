import { createHash } from 'node:crypto';
import type { RatedLineKind } from '@isthmus/contracts';
import { CurrencyCode, Decimal } from '@isthmus/domain';
import {
  type AmountReadings,
  type DayReadings,
  type FormatEvidence,
  readAmount,
  readDay,
  readExact,
  type ReportFormat,
} from './report-format.ts';
import {
  type AmountField,
  amountFields,
  ColumnMap,
  columnNames,
  lineKind,
  type RatedField,
} from './rated-vocabulary.ts';
import { type CellPlace, unreadableRow } from './report.errors.ts';

/**
 * A number or date that was typed in the source (workbook or JSON), as opposed to text: plain digits or `YYYY-MM-DD`,
 * independent of the file's format.
 */
interface ExactCell {
  exact: string;
}

/** A row of a file: its cells, keyed by column name. */
export type RawRow = Readonly<Record<string, string | ExactCell>>;

interface RowSettings {
  columns: ColumnMap;
  lineKinds: Readonly<Record<string, RatedLineKind>>;
  /** Currency of lines that do not state their own. */
  currency: string;
  /** The key of the lines that are on no invoice yet; a later report with the same key replaces them. */
  unbilledKey: string;
  /** The number and date format of the file. */
  format: ReportFormat;
  /** Collects evidence of the format from each cell. */
  evidence?: FormatEvidence;
}

/** One line of a rated report. Amounts are plain decimals, dates `YYYY-MM-DD`. */
export interface RatedRow {
  row: number;
  /** True if the row is a total rather than a charge. */
  isTotal: boolean;
  /** `invoice:<number>` or `unbilled:…`; empty for a total of the whole file. */
  documentKey: string;
  invoiceNumber: string | null;
  invoiceDate: string | null;
  statedTotal: string | null;
  kind: RatedLineKind;
  kindKnown: boolean;
  /** CMP's id of the customer's account. */
  cmpAccountId: string | null;
  customerName: string;
  cmpSubscriptionId: string | null;
  mpn: string | null;
  vendor: string | null;
  description: string;
  chargeType: string;
  orderId: string | null;
  chargeStart: string | null;
  chargeEnd: string | null;
  unitPrice: string | null;
  quantity: string;
  tax: string | null;
  discount: string | null;
  total: string;
  currency: string;
  service: string | null;
  resource: string | null;
  unit: string | null;
  region: string | null;
  /** Columns that we do not recognise, verbatim. */
  other: Readonly<Record<string, string>> | null;
  /** Hash of all columns. Rows with the same identity are the same line, written twice. */
  identity: string;
  /** Hash of the known columns; identical for the same line in every report and file format. */
  content: string;
}

const maxNameLength = 255;

/**
 * Reads a row of a report.
 * @param row its 1-based position in the file, without the header
 * @throws ReportNotUsable (report.row-unreadable) for an amount, a quantity or a date that cannot be read, and for a string that
 * cannot be stored
 */
export function readRatedRow(raw: RawRow, row: number, settings: RowSettings): RatedRow {
  const { cells, other } = assignCells(raw, row, settings.columns);
  const placeOf = (field: RatedField): CellPlace => ({
    row,
    column: cells[field]?.column ?? `the ${field}`,
    value: cells[field]?.text ?? '',
  });
  // All cells are read before one is rejected, because the others are also evidence of the file's format.
  const amountReadings = readAmounts(cells, placeOf, settings.evidence);
  const dayReadings = readDays(cells, placeOf, settings.evidence);
  const amount = (field: AmountField) =>
    valueIn(amountReadings[field], settings.format.decimalSeparator, placeOf(field), 'amount');
  const day = (field: DayField) =>
    valueIn(dayReadings[field], settings.format.dateOrder, placeOf(field), 'day');
  /** Reads an identifier. One that is too long is rejected, because a truncated one would identify something else. */
  const name = (field: RatedField): string | null => {
    const value = cells[field]?.text;
    if (value && value.length > maxNameLength)
      throw unreadableRow(placeOf(field), `string of at most ${maxNameLength} characters`);
    return value || null;
  };
  const text = (field: RatedField): string | null => cells[field]?.text || null;

  const total = amount('total');
  if (total === null) throw unreadableRow(placeOf('total'), 'amount');
  const isTotal = isTotalRow(cells);
  const invoiceNumber = name('invoiceNumber');
  const chargeType = name('chargeType') ?? '';
  const { kind, known } = lineKind(chargeType, settings.lineKinds);
  const currency = rowCurrency(cells, amountReadings, placeOf, settings.currency);
  const line = {
    invoiceNumber,
    invoiceDate: day('invoiceDate'),
    kind,
    customerName: text('customerName') ?? '',
    cmpSubscriptionId: name('subscriptionId'),
    mpn: name('mpn'),
    vendor: name('vendor'),
    description: text('description') ?? '',
    chargeType,
    orderId: name('orderId'),
    chargeStart: day('chargeStart'),
    chargeEnd: day('chargeEnd'),
    unitPrice: amount('unitPrice'),
    quantity: amount('quantity') ?? '1',
    tax: amount('tax'),
    discount: amount('discount'),
    total,
    currency,
    service: text('service'),
    resource: text('resource'),
    unit: text('unit'),
    region: text('region'),
  };
  const cmpAccountId = name('customerAccountId');
  const content = md5Uuid([...contentParts(line), ...(cmpAccountId ? [cmpAccountId] : [])]);
  // Amounts that are not billed yet cannot be added up across currencies, so each currency has its own list.
  const unbilled = settings.unbilledKey + (currency === settings.currency ? '' : ` ${currency}`);
  return {
    ...line,
    row,
    isTotal,
    cmpAccountId,
    documentKey: invoiceNumber ? `invoice:${invoiceNumber}` : isTotal ? '' : unbilled,
    statedTotal: amount('invoiceTotal'),
    kindKnown: known,
    other,
    identity: other
      ? md5Uuid([content, JSON.stringify(Object.entries(other).toSorted(([a], [b]) => (a < b ? -1 : 1)))])
      : content,
    content,
  };
}

interface Cell {
  column: string;
  text: string;
  exact: boolean;
  rank: number;
}
type Cells = Partial<Record<RatedField, Cell>>;

/**
 * Picks one cell per field: that of the highest-ranked column that is not empty. Amounts always come from the highest-ranked
 * column, even if it is empty in this row, because adding up values taken from different columns would be meaningless.
 */
function assignCells(raw: RawRow, row: number, columns: ColumnMap) {
  const cells: Cells = {};
  let other: Record<string, string> | null = null;
  for (const [name, value] of Object.entries(raw)) {
    const column = clean(name, { row, column: 'the name of a column', value: name });
    const exact = typeof value !== 'string';
    const text = clean(exact ? value.exact : value, { row, column, value: exact ? value.exact : value });
    const place = columns.find(column);
    if (!place) {
      if (text !== '') (other ??= {})[column] = exact ? wholeNumber(text) : text;
    } else if (text !== '' || isAmount(place.field)) {
      const current = cells[place.field];
      if (!current || place.rank < current.rank)
        cells[place.field] = { column, text, exact, rank: place.rank };
    }
  }
  for (const [field, cell] of Object.entries(cells))
    if (cell.exact && !isAmount(field as RatedField)) cell.text = wholeNumber(cell.text);
    else if (isId(field)) cell.text = cell.text.replace(/^(\d+)\.0$/, '$1');
  return { cells, other };
}

const isAmount = (field: RatedField): field is AmountField =>
  (amountFields as readonly RatedField[]).includes(field);

/** CMP's ids, which consist of digits. Programs that treat them as numbers also write 1000065.0 into CSV files. */
const isId = (field: string): boolean => field === 'customerAccountId' || field === 'subscriptionId';

/** Programs write an id as 1000065.0 or 1.000065E6. */
const wholeNumber = (text: string): string =>
  /^\d+(\.\d+)?([eE]\+?\d+)?$/.test(text) ? (readExact(text) ?? text).replace(/\.0+$/, '') : text;

function clean(text: string, place: CellPlace): string {
  if (!text.isWellFormed()) throw unreadableRow(place, 'string: it contains half a character', orderAgain);
  if (text.includes('\ufffd'))
    throw unreadableRow(place, 'string: characters were lost when the file was written', orderAgain);
  return text.replaceAll('\0', '').trim();
}

const orderAgain =
  'Request the report again, as XLSX or as CSV in UTF-8; if the text is still damaged, correct it in the marketplace portal.';

type PlaceOf = (field: RatedField) => CellPlace;
type DayField = (typeof dayFields)[number];
const dayFields = ['invoiceDate', 'chargeStart', 'chargeEnd'] as const;

function readAmounts(
  cells: Cells,
  placeOf: PlaceOf,
  evidence: FormatEvidence | undefined,
): Partial<Record<AmountField, AmountReadings>> {
  const readings: Partial<Record<AmountField, AmountReadings>> = {};
  for (const field of amountFields) {
    const cell = cells[field];
    if (!cell?.text) continue;
    if (cell.exact) {
      const value = readExact(cell.text);
      readings[field] = { '.': value, ',': value };
    } else {
      readings[field] = readAmount(cell.text);
      evidence?.amount(readings[field], placeOf(field));
    }
  }
  return readings;
}

function readDays(
  cells: Cells,
  placeOf: PlaceOf,
  evidence: FormatEvidence | undefined,
): Partial<Record<DayField, DayReadings>> {
  const readings: Partial<Record<DayField, DayReadings>> = {};
  for (const field of dayFields) {
    const text = cells[field]?.text;
    if (!text) continue;
    readings[field] = readDay(text);
    evidence?.day(readings[field], placeOf(field), field !== 'invoiceDate');
  }
  return readings;
}

function valueIn<K extends string>(
  readings: Partial<Record<K, string>> | undefined,
  format: K,
  place: CellPlace,
  expected: string,
): string | null {
  if (!readings) return null;
  const value = readings[format];
  if (value === undefined) throw unreadableRow(place, expected);
  return value;
}

/**
 * The row's currency: as named in its column or next to its amounts, otherwise the default currency (`usual`). The currency next
 * to an amount must not contradict it: a row in USD must not contain an amount in kr.
 */
function rowCurrency(
  cells: Cells,
  amounts: Partial<Record<AmountField, AmountReadings>>,
  placeOf: PlaceOf,
  usual: string,
): string {
  const named = cells.currency?.text ? CurrencyCode.read(cells.currency.text) : undefined;
  if (cells.currency?.text && !named) throw unreadableRow(placeOf('currency'), 'currency code');
  const besides = Object.entries(amounts) as [AmountField, AmountReadings][];
  const certain = besides.find(([, { currencies }]) => currencies?.length === 1)?.[1].currencies?.[0];
  const currency = named ?? certain ?? usual;
  for (const [field, { currencies }] of besides)
    if (currencies && !currencies.includes(currency))
      throw unreadableRow(
        placeOf(field),
        `amount in ${currency}${currencies.length === 1 ? `: the row also names ${currencies[0]}` : ''}`,
        `If it is in another currency, order the report with the column ${columnNames.currency[0]}, which names it for each row.`,
      );
  return currency;
}

/** A total has no subscription and no product, and one of its texts starts with "total", "subtotal", "grand total" or "invoice total". */
const isTotalRow = ({ subscriptionId, mpn, customerName, description, chargeType }: Cells) =>
  !subscriptionId &&
  !mpn &&
  [customerName, description, chargeType].some(
    (cell) => cell && /^(grand |invoice |sub)?total\b/i.test(cell.text),
  );

type Line = Omit<
  RatedRow,
  | 'row'
  | 'isTotal'
  | 'cmpAccountId'
  | 'documentKey'
  | 'statedTotal'
  | 'kindKnown'
  | 'other'
  | 'identity'
  | 'content'
>;

/** Excludes the kind, because the kinds of charge types are a setting. */
const contentParts = ({
  kind: _,
  unitPrice,
  quantity,
  tax,
  discount,
  total,
  ...texts
}: Line): (string | null)[] => [
  ...Object.values(texts),
  ...[unitPrice, quantity, tax, discount, total].map((value) => value && Decimal.canonical(value)),
];

/** Formatted as a UUID, which PostgreSQL stores in 16 bytes. */
const md5Uuid = (parts: readonly unknown[]): string =>
  createHash('md5')
    .update(JSON.stringify(parts))
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

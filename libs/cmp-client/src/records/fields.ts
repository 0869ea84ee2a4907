import { CurrencyCode, Decimal, type Money, Period } from '@isthmus/domain';

/** A JSON object as received. */
export type Row = Record<string, unknown>;

/** A field that cannot be read. Caught by {@link readRecord}; the path is completed on its way out. */
export class FieldProblem extends Error {
  override readonly name = 'FieldProblem';
  readonly code = 'cmp.field-problem';

  constructor(
    readonly field: string,
    readonly reason: string,
  ) {
    super(`${field}: ${reason}`);
  }
}

/** The longest id of CMP that every contract accepts. */
const maxIdLength = 64;
/** The longest name that every contract accepts. */
export const maxNameLength = 500;

const control = /[\u0000-\u001f\u007f]/;

/**
 * An id: strings of digits, but some services return them as numbers. One that contains control characters or is too long to
 * be stored is invalid, because a truncated one could be another record's.
 */
export function id(row: Row, field: string, longest = maxIdLength): string {
  const value = row[field];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string' || value === '')
    throw new FieldProblem(field, `expected an id, found ${kindOfValue(value)}`);
  return unaltered(value, field, longest);
}

export const optionalId = (row: Row, field: string, longest?: number): string | undefined =>
  row[field] == null || row[field] === '' ? undefined : id(row, field, longest);

/** An identifier at CMP, such as an MPN, which is therefore rejected rather than repaired. */
export function code(row: Row, field: string, longest = 255): string {
  const value = row[field];
  if (typeof value !== 'string')
    throw new FieldProblem(field, `expected a text, found ${kindOfValue(value)}`);
  return unaltered(value, field, longest);
}

export const optionalCode = (row: Row, field: string, longest?: number): string | undefined =>
  row[field] == null || row[field] === '' ? undefined : code(row, field, longest);

function unaltered(value: string, field: string, longest: number): string {
  if (control.test(value) || !value.isWellFormed())
    throw new FieldProblem(field, 'contains characters that cannot be stored');
  if (value.length > longest)
    throw new FieldProblem(field, `is longer than the ${longest} characters that can be stored`);
  return value;
}

/**
 * A display text. Characters that PostgreSQL cannot store are removed (see {@link storable}), and a string that is too long is
 * truncated, with an ellipsis.
 */
export function text(row: Row, field: string, longest = Infinity): string {
  const value = row[field];
  if (typeof value === 'string') return clipped(storable(value), longest);
  throw new FieldProblem(field, `expected a text, found ${kindOfValue(value)}`);
}

/** Like `text`, but undefined if the field is absent, empty or consists of NULs only. */
export const optionalText = (row: Row, field: string, longest?: number): string | undefined =>
  row[field] == null ? undefined : text(row, field, longest) || undefined;

/**
 * Removes NUL, which PostgreSQL cannot store in text, and replaces half of a surrogate pair, which UTF-8 cannot represent, by
 * U+FFFD.
 */
export function storable(value: string): string {
  const whole = value.isWellFormed() ? value : value.toWellFormed();
  return whole.includes('\u0000') ? whole.replaceAll('\u0000', '') : whole;
}

export const clipped = (value: string, longest: number): string =>
  value.length <= longest ? value : `${value.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…`;

/** A value of a closed list; an unknown value reads as `unknown`, and stays visible in the raw record. */
export function word<W extends string>(row: Row, field: string, words: ReadonlySet<W>): W | 'unknown' {
  const value = row[field];
  if (typeof value !== 'string')
    throw new FieldProblem(field, `expected a word, found ${kindOfValue(value)}`);
  return words.has(value as W) ? (value as W) : 'unknown';
}

export function optionalBoolean(row: Row, field: string): boolean | undefined {
  const value = row[field];
  if (typeof value === 'boolean') return value;
  if (value == null) return undefined;
  throw new FieldProblem(field, `expected true or false, found ${kindOfValue(value)}`);
}

/** CMP writes quantities as numbers and also accepts strings such as `"2.0"`: both are read, and exponents as well. */
export function quantity(row: Row, field: string): number {
  const value = row[field];
  const text = typeof value === 'string' ? Decimal.read(value) : undefined;
  const number = typeof value === 'string' ? Number(text ?? NaN) : value;
  // A fraction that a number cannot represent would be rounded away, and with it the difference between a seat and none.
  if (text && /\.0*[1-9]/.test(text) && Number.isInteger(number))
    throw new FieldProblem(field, 'has more decimals than can be stored');
  if (typeof number !== 'number' || Number.isNaN(number))
    throw new FieldProblem(field, `expected a quantity, found ${kindOfValue(value)}`);
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER)
    throw new FieldProblem(field, 'is larger than any quantity that can be stored');
  return number;
}

export const optionalQuantity = (row: Row, field: string): number | undefined =>
  row[field] == null || row[field] === '' ? undefined : quantity(row, field);

/** Maximum number of seats that fits into a column; seats are whole and not negative. */
export const maxSeats = 2_147_483_647;
export function seats(row: Row, field: string): number {
  const number = quantity(row, field);
  if (!Number.isInteger(number) || number < 0 || number > maxSeats)
    throw new FieldProblem(field, `expected a whole quantity from 0 to ${maxSeats}, found ${number}`);
  return number;
}

/** A dictionary of strings; entries of other types are printed, because partners enter these manually. */
export function attributes(row: Row, field: string): Record<string, string> {
  const value = row[field];
  if (value == null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new FieldProblem(field, `expected a dictionary, found ${kindOfValue(value)}`);
  }
  const entries: Record<string, string> = {};
  for (const [key, entry] of Object.entries(value)) {
    if (entry != null)
      entries[storable(key)] = storable(typeof entry === 'string' ? entry : JSON.stringify(entry));
  }
  return entries;
}

/** More digits before the point are no price, and their product with a number of seats could not be expressed. */
const maxIntegerDigits = 15;

/** `{ currency, amount }`; a plain amount is not changed, one with an exponent is written out exactly. */
export function moneyOf(row: Row): Money {
  const { currency, amount } = row;
  const decimal = typeof amount === 'number' ? String(amount) : amount;
  const value = typeof decimal === 'string' ? Decimal.read(decimal) : undefined;
  if (value === undefined || value.split('.')[0]!.replace('-', '').length > maxIntegerDigits) {
    const found =
      typeof amount === 'string' && amount.includes(',') ? 'a string with a comma' : kindOfValue(amount);
    throw new FieldProblem('amount', `expected a decimal such as 1234.50, found ${found}`);
  }
  const letters = typeof currency === 'string' ? CurrencyCode.read(currency) : undefined;
  if (letters === undefined) {
    throw new FieldProblem('currency', `expected three letters such as USD, found ${kindOfValue(currency)}`);
  }
  return { amount: value, currency: letters };
}

/** An amount, or undefined if it is absent or an empty object, which CMP returns for prices that it does not disclose. */
export function optionalMoney(row: Row, field: string): Money | undefined {
  const value = row[field];
  if (value == null || (typeof value === 'object' && (value as Row).amount == null)) return undefined;
  return nested(row, field, moneyOf);
}

export function nested<T>(row: Row, field: string, read: (row: Row) => T): T {
  const value = row[field];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FieldProblem(field, `expected an object, found ${kindOfValue(value)}`);
  }
  try {
    return read(value as Row);
  } catch (error) {
    throw withPath(field, error);
  }
}

export const optionalNested = <T>(row: Row, field: string, read: (row: Row) => T): T | undefined =>
  row[field] == null ? undefined : nested(row, field, read);

/** A list of objects; absent reads as empty. */
export function list<T>(row: Row, field: string, read: (row: Row) => T): T[] {
  return entriesOf(row, field).map((entry, index) => entryOf(`${field}.${index}`, entry, read));
}

/** The entries of a list; absent reads as empty. */
export function entriesOf(row: Row, field: string): unknown[] {
  const value = row[field];
  if (value == null) return [];
  if (!Array.isArray(value)) throw new FieldProblem(field, `expected a list, found ${kindOfValue(value)}`);
  return value;
}

export function entryOf<T>(path: string, entry: unknown, read: (row: Row) => T): T {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw new FieldProblem(path, `expected an object, found ${kindOfValue(entry)}`);
  try {
    return read(entry as Row);
  } catch (error) {
    throw withPath(path, error);
  }
}

function withPath(field: string, error: unknown): unknown {
  return error instanceof FieldProblem ? new FieldProblem(`${field}.${error.field}`, error.reason) : error;
}

/** Names the kind of a value, never the value: a record may hold personal data. */
function kindOfValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const dayShape = /^(\d{4})-(\d{2})-(\d{2})(?:$|T)/;
const instantShape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** Days found valid before: a listing has four per row but few different ones, and checking one costs as much as the rest of its row. */
const validDays = new Set<string>();
const maxValidDays = 10_000;

/** `YYYY-MM-DD`, or undefined if absent. A date-time is accepted for its date. */
export function optionalDay(row: Row, field: string): string | undefined {
  const value = row[field];
  if (value == null || value === '') return undefined;
  if (typeof value !== 'string') throw new FieldProblem(field, 'expected a date');
  if (validDays.has(value)) return value;
  const [, year, month, day] = dayShape.exec(value) ?? [];
  if (!day || !exists(Number(year), Number(month), Number(day))) {
    throw new FieldProblem(field, 'expected a date such as 2026-01-31');
  }
  if (value.length > 10) return value.slice(0, 10);
  if (validDays.size >= maxValidDays) validDays.clear();
  validDays.add(value);
  return value;
}

/** An ISO date-time in UTC. A zone is converted; without one it counts as UTC (assumption `timesWithoutZoneAreUtc`). */
export function instant(row: Row, field: string): string {
  const value = row[field];
  const match = typeof value === 'string' ? instantShape.exec(value) : null;
  if (!match) throw new FieldProblem(field, 'expected a date-time such as 2026-01-31T10:00:00Z');
  const iso = match[0];
  const time = Date.parse(match[1] ? iso : `${iso}Z`);
  // JavaScript itself reads 30 February as 2 March.
  const [year, month, day] = iso.slice(0, 10).split('-').map(Number) as [number, number, number];
  if (Number.isNaN(time) || !exists(year, month, day)) throw notThere(field);
  // 24:00 is the next day's midnight; not every reader knows it.
  const utc = match[1] === 'Z' && iso.slice(11, 13) !== '24' ? iso : new Date(time).toISOString();
  // A zone can shift a time beyond the years that are written with four digits, and beyond those that PostgreSQL reads.
  if (!dayShape.test(utc) || utc.startsWith('0000')) throw notThere(field);
  return utc;
}

export const optionalInstant = (row: Row, field: string): string | undefined =>
  row[field] == null || row[field] === '' ? undefined : instant(row, field);

const notThere = (field: string) => new FieldProblem(field, 'expected a date-time that exists');

/** Whether the day exists in the calendar. It has no year 0, and neither has PostgreSQL. */
function exists(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  return day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

const types = new Set(['day', 'month', 'year', 'statement_day'] as const);

/** A billing period or term in CMP's form. Terms observed so far are `month` × 1, `year` × 1 and `year` × 3. */
export interface CmpPeriod {
  type: 'day' | 'month' | 'year' | 'statement_day' | 'unknown';
  duration: number;
}

/** A length of nothing, of a fraction or beyond every calendar is no period: it reads as `unknown` × 0. */
export function readPeriod(row: Row): CmpPeriod {
  const type = word(row, 'type', types);
  const duration = quantity(row, 'duration');
  return Period.of('day', duration) ? { type, duration } : { type: 'unknown', duration: 0 };
}

/** An ordering or fulfilment parameter, such as `microsoft_domain` or `ms_customer_id`. Names are case-sensitive. */
export interface CmpParameter {
  name: string;
  value?: string;
  /** Value of parameters that are not a string, such as an attestation. */
  structured_value?: unknown;
}

export function readParameter(row: Row): CmpParameter {
  const { value, structured_value } = row;
  const printed = value == null || typeof value === 'string' ? (value ?? undefined) : JSON.stringify(value);
  return {
    name: text(row, 'name'),
    value: printed && storable(printed),
    structured_value: structured_value ?? undefined,
  };
}

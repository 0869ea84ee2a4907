import { CurrencyCode, Decimal, type Money } from '@isthmus/domain';

/** A JSON object as it came. */
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

/** Ids are strings of digits, but some services answer them as numbers. */
export function id(row: Row, field: string): string {
  const value = row[field];
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw new FieldProblem(field, `expected an id, found ${shown(value)}`);
}

export const optionalId = (row: Row, field: string): string | undefined =>
  row[field] == null || row[field] === '' ? undefined : id(row, field);

export function text(row: Row, field: string): string {
  const value = row[field];
  if (typeof value === 'string') return value;
  throw new FieldProblem(field, `expected a text, found ${shown(value)}`);
}

export function optionalText(row: Row, field: string): string | undefined {
  const value = row[field];
  if (typeof value === 'string') return value;
  if (value == null) return undefined;
  throw new FieldProblem(field, `expected a text, found ${shown(value)}`);
}

/** A word of a closed list; a word that is new to us reads as `unknown`, and stays visible in the raw record. */
export function word<W extends string>(row: Row, field: string, words: ReadonlySet<W>): W | 'unknown' {
  const value = row[field];
  if (typeof value !== 'string') throw new FieldProblem(field, `expected a word, found ${shown(value)}`);
  return words.has(value as W) ? (value as W) : 'unknown';
}

export function optionalBoolean(row: Row, field: string): boolean | undefined {
  const value = row[field];
  if (typeof value === 'boolean') return value;
  if (value == null) return undefined;
  throw new FieldProblem(field, `expected true or false, found ${shown(value)}`);
}

/** CMP answers quantities as numbers and takes texts such as `"2.0"` too: both are read. */
export function quantity(row: Row, field: string): number {
  const value = row[field];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'string' && Decimal.is(value)) return Number(value);
  throw new FieldProblem(field, `expected a quantity, found ${shown(value)}`);
}

export const optionalQuantity = (row: Row, field: string): number | undefined =>
  row[field] == null || row[field] === '' ? undefined : quantity(row, field);

/** A dictionary of texts; entries of other kinds are printed, since partners fill these by hand. */
export function attributes(row: Row, field: string): Record<string, string> {
  const value = row[field];
  if (value == null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new FieldProblem(field, `expected a dictionary, found ${shown(value)}`);
  }
  const entries: Record<string, string> = {};
  for (const [key, entry] of Object.entries(value)) {
    if (entry != null) entries[key] = typeof entry === 'string' ? entry : JSON.stringify(entry);
  }
  return entries;
}

/** `{ currency, amount }`; the amount stays the text CMP wrote. */
export function moneyOf(row: Row): Money {
  const { currency, amount } = row;
  const decimal = typeof amount === 'number' ? String(amount) : amount;
  if (typeof decimal !== 'string' || !Decimal.is(decimal)) {
    throw new FieldProblem('amount', `expected a decimal, found ${shown(amount)}`);
  }
  if (typeof currency !== 'string' || !CurrencyCode.is(currency)) {
    throw new FieldProblem('currency', `expected a currency code, found ${shown(currency)}`);
  }
  return { amount: decimal, currency };
}

/** A sum, or undefined when it is absent or an empty object, as CMP answers for prices it does not disclose. */
export function optionalMoney(row: Row, field: string): Money | undefined {
  const value = row[field];
  if (value == null || (typeof value === 'object' && (value as Row).amount == null)) return undefined;
  return nested(row, field, moneyOf);
}

export function nested<T>(row: Row, field: string, read: (row: Row) => T): T {
  const value = row[field];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FieldProblem(field, `expected an object, found ${shown(value)}`);
  }
  try {
    return read(value as Row);
  } catch (error) {
    throw inside(field, error);
  }
}

export const optionalNested = <T>(row: Row, field: string, read: (row: Row) => T): T | undefined =>
  row[field] == null ? undefined : nested(row, field, read);

/** A list of objects; absent reads as empty. */
export function list<T>(row: Row, field: string, read: (row: Row) => T): T[] {
  const value = row[field];
  if (value == null) return [];
  if (!Array.isArray(value)) throw new FieldProblem(field, `expected a list, found ${shown(value)}`);
  return value.map((entry, index) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
      throw new FieldProblem(`${field}.${index}`, `expected an object, found ${shown(entry)}`);
    }
    try {
      return read(entry as Row);
    } catch (error) {
      throw inside(`${field}.${index}`, error);
    }
  });
}

function inside(field: string, error: unknown): unknown {
  return error instanceof FieldProblem ? new FieldProblem(`${field}.${error.field}`, error.reason) : error;
}

/** Names the kind of a value, never the value: a record may hold personal data. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

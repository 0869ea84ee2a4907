import type { RawRow } from '../domain/rated-row.ts';

/** A number as a file stores it, digit by digit, kept apart from a text that looks like one. */
export class StoredNumber {
  constructor(readonly exact: string) {}
}

/** What a workbook's cell says. */
export function cellOf(cell: unknown): RawRow[string] {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof StoredNumber) return cell;
  return cell instanceof Date ? { exact: cell.toISOString().slice(0, 10) } : String(cell as string | boolean);
}

/** The words of a workbook's cell. */
export function cellText(cell: unknown): string {
  const value = cellOf(cell);
  return typeof value === 'string' ? value : value.exact;
}

/**
 * A number as a workbook stores it. Excel knows 15 digits and writes up to 17: 12.4 may be stored as 12.400000000000000001. Beyond 15
 * they are noise of the float it was, and are rounded away here, once.
 */
export function cellNumber(stored: string): string {
  const digits = stored
    .replace(/[eE].*$/, '')
    .replace(/[^\d]/g, '')
    .replace(/^0+/, '');
  return digits.length > 15 ? String(Number(Number(stored).toPrecision(15))) : stored;
}

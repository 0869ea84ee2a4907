/** What a workbook's cell says. */
export function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  return cell instanceof Date ? cell.toISOString().slice(0, 10) : String(cell);
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

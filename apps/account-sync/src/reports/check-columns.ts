import type { ColumnMap } from '../domain/rated-columns.ts';
import { printable, ReportNotUsable } from '../domain/report.errors.ts';

/** Whether these are the columns of rated data: something is charged, and to somebody. */
export function areRatedColumns(names: readonly string[], columns: ColumnMap): boolean {
  const fields = new Set(names.map((name) => columns.find(name)?.field));
  return (
    fields.has('total') &&
    (fields.has('subscriptionId') || fields.has('customerName') || fields.has('customerAccountId'))
  );
}

/** @throws ReportNotUsable (report.columns-ambiguous) when two columns say the same thing equally well */
export function checkNoTwins(names: readonly string[], columns: ColumnMap): void {
  const taken = new Map<string, string>();
  for (const name of names) {
    const place = columns.find(name);
    if (!place) continue;
    const key = `${place.field} ${place.rank}`;
    const twin = taken.get(key);
    if (twin !== undefined)
      throw new ReportNotUsable(
        'report.columns-ambiguous',
        `Two columns of the file mean the same: ${printable(twin, 60)} and ${printable(name, 60)}.`,
        'Order the report without one of them.',
      );
    taken.set(key, name);
  }
}

/** Columns that nobody knows may have one name: each keeps a cell of its own, or rows that differ there would be taken for equal. */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let place = 2; taken.has(own); place += 1) own = `${name} #${place}`;
    taken.add(own);
    return own;
  });
}

/** @param separators what was tried between the cells of a CSV */
export const columnsMissing = (names: readonly string[], separators?: string): ReportNotUsable =>
  new ReportNotUsable(
    'report.columns-missing',
    `The file has no column for the total, or none for the customer or the subscription. It has: ${printable(names.slice(0, 40).join(', '), 600) || 'none'}.`,
    `${separators ? `Its cells have to be separated by ${separators}. ` : ''}If it is rated data, name its columns in RATED_COLUMNS; if not, it is rightly left out.`,
  );

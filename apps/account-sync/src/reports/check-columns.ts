import type { ColumnMap } from '../domain/rated-columns.ts';
import { ReportNotUsable } from '../domain/report.errors.ts';

/** Whether these are the columns of rated data: something is charged, and to somebody. */
export function areRatedColumns(names: readonly string[], columns: ColumnMap): boolean {
  const fields = new Set(names.map((name) => columns.find(name)?.field));
  return fields.has('total') && (fields.has('subscriptionId') || fields.has('customerName'));
}

export const columnsMissing = (names: readonly string[]): ReportNotUsable =>
  new ReportNotUsable(
    'report.columns-missing',
    `The file has no column for the total, or none for the customer or the subscription. It has: ${names.slice(0, 40).join(', ').slice(0, 600) || 'none'}.`,
    'If it is rated data, name its columns in RATED_COLUMNS; if not, it is rightly left out.',
  );

import { Decimal } from '@isthmus/domain';
import type { InvoiceBalance } from '@isthmus/contracts';

/** The sums of the rows of one invoice, or of those not on an invoice yet. */
export interface DocumentSums {
  key: string;
  rows: number;
  /** Number of rows, not counting duplicates that are equal in every column. */
  distinctRows: number;
  sum: string;
  distinctSum: string;
  /** The total that the file states for it. */
  stated?: string;
  currencies: readonly string[];
}

export interface Tolerance {
  /** Tolerance per row, because roundings add up … */
  perLine: string;
  /** … but at most this much. */
  atMost: string;
}

export interface DocumentEvaluation {
  key: string;
  /** Equal rows are different charges, as the total shows. */
  keepRepeats: boolean;
  balance: InvoiceBalance;
  stated?: string;
  /** The reason why it is not balanced. */
  detail?: string;
}

/**
 * Decides for each document which rows count and whether they add up. Rows that are equal in every column are duplicates of one
 * line, unless the stated total is only reached with all of them. The total of a file with several documents applies to the sum
 * of those that state none of their own, unless the documents have different currencies; then it is ignored.
 */
export function evaluateDocuments(
  documents: readonly DocumentSums[],
  fileTotal: string | undefined,
  tolerance: Tolerance,
): DocumentEvaluation[] {
  const only = documents.length === 1 ? documents[0] : undefined;
  if (only && !only.stated && fileTotal !== undefined)
    return [evaluate({ ...only, stated: fileTotal }, tolerance)];
  const silent = documents.filter(({ stated }) => stated === undefined);
  const others = documents.filter(({ stated }) => stated !== undefined);
  const currencies = new Set(documents.flatMap((one) => one.currencies));
  const shared =
    fileTotal === undefined || currencies.size > 1
      ? undefined
      : evaluateTogether(silent, others, fileTotal, tolerance);
  return documents.map((one) =>
    one.stated === undefined && shared && one.currencies.length === 1
      ? { ...shared, key: one.key }
      : evaluate(one, tolerance),
  );
}

function evaluate(one: DocumentSums, tolerance: Tolerance): DocumentEvaluation {
  const { key, stated, rows, sum, distinctSum, currencies } = one;
  if (currencies.length > 1) {
    const detail = `Its lines are in ${currencies.join(' and ')}, which cannot be added up.`;
    return { key, keepRepeats: false, balance: 'unbalanced', stated, detail };
  }
  if (stated === undefined) return { key, keepRepeats: false, balance: 'unchecked' };
  if (isNear(distinctSum, stated, rows, tolerance))
    return { key, keepRepeats: false, balance: 'balanced', stated };
  if (isNear(sum, stated, rows, tolerance)) return { key, keepRepeats: true, balance: 'balanced', stated };
  const detail = `It states ${stated}, but its lines add up to ${distinctSum}.`;
  return { key, keepRepeats: false, balance: 'unbalanced', stated, detail };
}

function evaluateTogether(
  silent: readonly DocumentSums[],
  others: readonly DocumentSums[],
  fileTotal: string,
  tolerance: Tolerance,
): Omit<DocumentEvaluation, 'key'> {
  const rows = [...silent, ...others].reduce((count, one) => count + one.rows, 0);
  const stated = others.map((one) => one.stated!);
  const distinct = Decimal.sum([...stated, ...silent.map((one) => one.distinctSum)]);
  if (isNear(distinct, fileTotal, rows, tolerance)) return { keepRepeats: false, balance: 'balanced' };
  const all = Decimal.sum([...stated, ...silent.map((one) => one.sum)]);
  if (isNear(all, fileTotal, rows, tolerance)) return { keepRepeats: true, balance: 'balanced' };
  const detail = `The file states a total of ${fileTotal}, but its lines add up to ${distinct}.`;
  return { keepRepeats: false, balance: 'unbalanced', detail };
}

function isNear(sum: string, stated: string, rows: number, { perLine, atMost }: Tolerance): boolean {
  const grown = Decimal.times(perLine, rows);
  const allowed = Decimal.compare(grown, atMost) < 0 ? grown : atMost;
  return Decimal.compare(Decimal.difference(sum, stated), allowed) <= 0;
}

import { DomainError } from '@isthmus/domain';

/**
 * A report cannot be used. It changes nothing, and other reports are imported; the next run tries it again unless it has
 * failed too often.
 */
export class ReportNotUsable extends DomainError {
  constructor(
    code: ReportProblemCode,
    message: string,
    override readonly nextStep: string,
    options?: ErrorOptions,
  ) {
    super(message, { code, nextStep, ...options });
  }
}

export type ReportProblemCode =
  | 'report.format-unknown'
  | 'report.format-doubtful'
  | 'report.columns-missing'
  | 'report.columns-ambiguous'
  | 'report.encoding-unknown'
  | 'report.row-unreadable'
  | 'report.file-broken'
  | 'report.file-too-large'
  | 'report.download-failed'
  | 'report.interrupted';

/** The error for a cell that does not contain what its column requires. */
export const unreadableRow = (
  { row, column, value }: CellPlace,
  expected: string,
  nextStep = 'Compare the file with the marketplace portal. If the column has another meaning, name it in RATED_COLUMNS; if the reports use other number or date formats than GET /v1/report-formats/{connectorId} returns, change them there.',
): ReportNotUsable =>
  new ReportNotUsable(
    'report.row-unreadable',
    `Row ${row}: ${printable(column, 60)} is "${printable(value, 60)}", which is not a valid ${expected}.`,
    nextStep,
  );

/** A row that can be read but not stored. */
export const refusedRow = (row: number, cause: Error): ReportNotUsable =>
  new ReportNotUsable(
    'report.row-unreadable',
    `Row ${row} cannot be stored: ${printable(cause.message, 200)}.`,
    'Compare the row with the report in the marketplace portal, and request the report again.',
    { cause },
  );

/** Cells that do not show how the file writes numbers or days, or contradict each other. */
export const doubtfulFormat = (
  setting: 'decimalSeparator' | 'dateOrder',
  why: string,
  cells: readonly CellPlace[],
): ReportNotUsable => {
  const values = setting === 'dateOrder' ? '"month-first" or "day-first"' : '"." or ","';
  const shown = cells.map(
    ({ row, column, value }) => `row ${row}, ${printable(column, 60)}: "${printable(value, 60)}"`,
  );
  return new ReportNotUsable(
    'report.format-doubtful',
    `${why} (${shown.join('; ')}).`,
    `Look up the value in the marketplace portal and set ${setting} (${values}) with PUT /v1/report-formats/{connectorId}, then POST /v1/rated-reports/{id}/reimport. A workbook (XLSX) avoids the ambiguity.`,
  );
};

/** Makes a string suitable for a message: without half characters and unprintable ones, and not too long. */
export const printable = (text: string, longest: number): string =>
  shortened(text.replace(unpairedSurrogate, '?').replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' '), longest);

/** Returns the beginning of a string, never ending in half a character. */
export const shortened = (text: string, longest: number): string =>
  text.length > longest ? text.slice(0, longest).replace(/[\ud800-\udbff]$/, '') : text;

const unpairedSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export interface CellPlace {
  row: number;
  column: string;
  value: string;
}

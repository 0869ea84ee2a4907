import type { ReportProblemCode } from './report.errors.ts';

/**
 * The file cannot be read. A separate class from `ReportNotUsable` (into which it is converted) because it is also thrown in the
 * parser process, which must not import service code.
 */
export class UnreadableReportFile extends Error {
  override readonly name = 'UnreadableReportFile';
  readonly code: ReportProblemCode;
  readonly nextStep: string;

  constructor(code: ReportProblemCode, message: string, nextStep: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.nextStep = nextStep;
  }
}

export const tooLarge = (limit: number): UnreadableReportFile =>
  new UnreadableReportFile(
    'report.file-too-large',
    `The file is larger than the ${Math.round(limit / 1_048_576)} MiB allowed for its format.`,
    'Order the report for a shorter period or as CSV, or raise its limit: REPORT_CSV_MAX_MB, REPORT_JSON_MAX_MB, REPORT_XLSX_MAX_MB.',
  );

export const tooManyRows = (limit: number): UnreadableReportFile =>
  new UnreadableReportFile(
    'report.file-too-large',
    `The file has more than ${limit} rows.`,
    'Order the report for a shorter period, or raise REPORT_MAX_ROWS.',
  );

/** Real reports have a few dozen columns. */
export const maxColumns = 1_024;

export const tooManyColumns = (): UnreadableReportFile =>
  new UnreadableReportFile(
    'report.file-broken',
    `The file has more than ${maxColumns} columns.`,
    'Compare the file with others of the same name, and request the report again.',
  );

/** Maximum row length in characters, excluding column names. */
export const maxRowLength = 262_144;

export const rowTooLong = (row: number): UnreadableReportFile =>
  new UnreadableReportFile(
    'report.file-broken',
    `Row ${row} is longer than ${maxRowLength} characters.`,
    'Check the report in the marketplace portal, and request it again.',
  );

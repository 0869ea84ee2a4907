/** A report cannot be used. It changes nothing, and others go on; the next run tries it again unless that is hopeless. */
export class ReportNotUsable extends Error {
  override readonly name = 'ReportNotUsable';
  constructor(
    readonly code: ReportProblemCode,
    message: string,
    readonly nextStep: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type ReportProblemCode =
  | 'report.format-unknown'
  | 'report.columns-missing'
  | 'report.row-unreadable'
  | 'report.file-broken'
  | 'report.file-too-large'
  | 'report.download-failed';

/** One cell that is not what its column should hold. */
export const rowUnreadable = (
  row: number,
  column: string,
  value: string,
  expected: string,
): ReportNotUsable =>
  new ReportNotUsable(
    'report.row-unreadable',
    `Row ${row}: ${column} is "${value.slice(0, 60)}", which is no ${expected}.`,
    'Compare the file with the marketplace portal. If the column means something else, name it in RATED_COLUMNS.',
  );

/** PostgreSQL crashed, and took with it what was gathered of a report: it has to be fetched again. */
export class GatheredRowsLost extends Error {
  override readonly name = 'GatheredRowsLost';
  readonly code = 'report.rows-lost';
  constructor(cmpReportId: string, gathered: number, left: number) {
    super(
      `Of ${gathered} rows gathered from report ${cmpReportId} there are ${left} left; it is fetched again.`,
    );
  }
}

export class InvoiceNotFound extends Error {
  override readonly name = 'InvoiceNotFound';
  readonly code = 'invoice.not-found';
  readonly nextStep = 'List the invoices and take an id from there.';
  constructor(readonly invoiceId: string) {
    super(`There is no invoice ${invoiceId}.`);
  }
}

/** Its lines do not add up to what it states: whoever wants it all the same has to say so. */
export class InvoiceUnbalanced extends Error {
  override readonly name = 'InvoiceUnbalanced';
  readonly code = 'invoice.unbalanced';
  readonly nextStep = 'Compare the invoice with the marketplace portal; a corrected report replaces it.';
  constructor(
    readonly invoiceId: string,
    number: string,
    detail: string,
  ) {
    super(`Invoice ${number} does not add up. ${detail}`);
  }
}

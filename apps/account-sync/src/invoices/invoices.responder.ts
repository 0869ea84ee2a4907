import {
  type InvoiceV1,
  isoPeriod,
  type ListedInvoiceLines,
  type ListedInvoices,
  ListInvoiceLines,
  ListInvoices,
  type RatedLineV1,
  ReadInvoice,
  type ReadInvoiceAnswer,
} from '@isthmus/contracts';
import { Answers, fittingPage } from '@isthmus/messaging';
import { decodeCursor, encodeCursor, isoTime, TenantStore } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { shortened } from './report-file/report.errors.ts';
import {
  InvoiceNotFound,
  type InvoiceRow,
  listInvoices,
  listRatedLines,
  partNumberOfLine,
  type RatedLineRow,
  readInvoice,
} from './invoices.store.ts';

const invoicesPerPage = 500;

@Controller()
export class AnswerListInvoices {
  constructor(private readonly store: TenantStore) {}

  @Answers(ListInvoices)
  async list({ tenantId, connectorId, includeUnbalanced, cursor }: ListInvoices): Promise<ListedInvoices> {
    const after = decodeCursor(cursor, ['time', 'uuid']);
    const filter = { connectorId, soundOnly: !includeUnbalanced };
    const rows = await listInvoices(this.store.rows(tenantId), filter, after, invoicesPerPage);
    const invoices = fittingPage(rows.slice(0, invoicesPerPage).map(invoiceOf));
    const last = invoices.length < rows.length ? rows[invoices.length - 1] : undefined;
    return { invoices, nextCursor: last && encodeCursor([last.place, last.id]) };
  }
}

@Controller()
export class AnswerReadInvoice {
  constructor(private readonly store: TenantStore) {}

  @Answers(ReadInvoice)
  async read({
    tenantId,
    connectorId,
    invoiceId,
    includeUnbalanced,
  }: ReadInvoice): Promise<ReadInvoiceAnswer> {
    const rows = this.store.rows(tenantId);
    const row = await readInvoice(rows, invoiceId, connectorId).catch((error: unknown) => {
      if (error instanceof InvoiceNotFound) return undefined;
      throw error;
    });
    if (!row) return {};
    refuseUnbalanced(row, includeUnbalanced);
    return { invoice: invoiceOf(row) };
  }
}

const linesPerPage = 150;

@Controller()
export class AnswerListInvoiceLines {
  constructor(private readonly store: TenantStore) {}

  @Answers(ListInvoiceLines)
  async list(question: ListInvoiceLines): Promise<ListedInvoiceLines> {
    const { tenantId, connectorId, invoiceId, kind, includeUnbalanced, cursor } = question;
    const rows = this.store.rows(tenantId);
    if (invoiceId) refuseUnbalanced(await readInvoice(rows, invoiceId, connectorId), includeUnbalanced);
    const which = invoiceId ? { invoiceId } : { unbilled: true, soundOnly: !includeUnbalanced };
    const after = decodeCursor(cursor, ['uuid', 'number', 'uuid']);
    const found = await listRatedLines(rows, { connectorId, kind, ...which }, after, linesPerPage);
    const lines = fittingPage(found.slice(0, linesPerPage).map(lineOf));
    const last = lines.length < found.length ? found[lines.length - 1] : undefined;
    return { lines, nextCursor: last && encodeCursor([last.documentId, last.rowNo, last.id]) };
  }
}

/** The row in the words of the contract: what is not known is left out. */
export const invoiceOf = (row: InvoiceRow): InvoiceV1 => ({
  invoiceId: row.id,
  connectorId: row.connectorId,
  number: row.number,
  invoiceDate: row.invoiceDate ?? undefined,
  currency: row.currency,
  statedTotal: row.statedTotal ?? undefined,
  lineTotal: row.lineTotal,
  balance: row.balance,
  balanceDetail: row.balanceDetail ?? undefined,
  lines: row.lines,
  unmatchedLines: row.unmatchedLines,
  version: row.version,
  createdAt: isoTime(row.createdAt),
  changedAt: isoTime(row.changedAt),
});

/** What a page of lines has room for; a report may have a book in every cell. */
const longestText = 1_000;

const brief = (text: string | null) => (text === null ? undefined : shortened(text, longestText));

export const lineOf = (row: RatedLineRow): RatedLineV1 => ({
  lineId: row.id,
  invoiceId: row.invoiceId ?? undefined,
  kind: row.kind,
  providerAccountId: row.providerAccountId ?? undefined,
  customerName: shortened(row.customerName, longestText),
  providerSubscriptionId: row.providerSubscriptionId ?? undefined,
  cmpSubscriptionId: row.cmpSubscriptionId ?? undefined,
  subscriptionName: row.subscriptionName ?? undefined,
  partNumber: partNumberOfLine(row.vendor, row.mpn),
  mpn: brief(row.mpn),
  cmpProductId: row.cmpProductId || undefined,
  term: row.term && isoPeriod.test(row.term) ? row.term : undefined,
  manufacturer: brief(row.vendor),
  billingCycle: row.billingCycle ?? undefined,
  orderId: brief(row.orderId),
  chargeStartDate: row.chargeStart ?? undefined,
  chargeEndDate: row.chargeEnd ?? undefined,
  description: shortened(row.description, longestText),
  chargeType: shortened(row.chargeType, longestText),
  unitPrice: row.unitPrice ?? undefined,
  quantity: row.quantity,
  tax: row.tax ?? undefined,
  discount: row.discount ?? undefined,
  total: row.total,
  currency: row.currency,
  service: brief(row.service),
  resource: brief(row.resource),
  unit: brief(row.unit),
  region: brief(row.region),
});

/** @throws InvoiceUnbalanced unless whoever asks said that he wants such too */
export function refuseUnbalanced(row: InvoiceRow, includeUnbalanced: boolean | undefined): void {
  if (row.balance === 'unbalanced' && !includeUnbalanced)
    throw new InvoiceUnbalanced(row.id, row.number, row.balanceDetail ?? '');
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

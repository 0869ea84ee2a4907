import { DomainError } from '@isthmus/domain';
import {
  type InvoiceV1,
  isoPeriod,
  type ListInvoiceLinesResponse,
  type ListInvoicesResponse,
  ListInvoiceLines,
  ListInvoices,
  type RatedLineV1,
  ReadInvoice,
  type ReadInvoiceResponse,
} from '@isthmus/contracts';
import { RespondTo, fitToMessage } from '@isthmus/messaging';
import { decodeCursor, encodeCursor, isoTime, TenantStore } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { shortened } from './report-file/report.errors.ts';
import {
  InvoiceNotFound,
  type InvoiceRow,
  listInvoices,
  listRatedLines,
  linePartNumber,
  type RatedLineRow,
  readInvoice,
} from './invoices.store.ts';

/** The invoice's lines do not add up to its stated total; a request that accepts this has to set `includeUnbalanced`. */
class InvoiceUnbalanced extends DomainError {
  static override readonly code = 'invoice.unbalanced';
  constructor(
    readonly invoiceId: string,
    number: string,
    detail: string,
  ) {
    super(`Invoice ${number} does not add up. ${detail}`, {
      nextStep: 'Compare the invoice with the marketplace portal; a corrected report replaces it.',
    });
  }
}

const invoicesPerPage = 500;
const linesPerPage = 150;

/** Requests of other services about invoices; one that does not add up is returned only if the request includes such invoices. */
@Controller()
export class InvoicesResponder {
  constructor(private readonly store: TenantStore) {}

  @RespondTo(ListInvoices)
  async list({
    tenantId,
    connectorId,
    includeUnbalanced,
    cursor,
  }: ListInvoices): Promise<ListInvoicesResponse> {
    const after = decodeCursor(cursor, ['time', 'uuid']);
    const filter = { connectorId, soundOnly: !includeUnbalanced };
    const rows = await this.store.read(tenantId, (em) =>
      listInvoices(em, tenantId, filter, after, invoicesPerPage),
    );
    const invoices = fitToMessage(rows.slice(0, invoicesPerPage).map(toInvoice));
    const last = invoices.length < rows.length ? rows[invoices.length - 1] : undefined;
    return { invoices, nextCursor: last && encodeCursor([last.place, last.id]) };
  }

  @RespondTo(ReadInvoice)
  async read({
    tenantId,
    connectorId,
    invoiceId,
    includeUnbalanced,
  }: ReadInvoice): Promise<ReadInvoiceResponse> {
    const row = await this.#read(tenantId, invoiceId, connectorId).catch((error: unknown) => {
      if (error instanceof InvoiceNotFound) return undefined;
      throw error;
    });
    if (!row) return {};
    refuseUnbalanced(row, includeUnbalanced);
    return { invoice: toInvoice(row) };
  }

  @RespondTo(ListInvoiceLines)
  async listLines(request: ListInvoiceLines): Promise<ListInvoiceLinesResponse> {
    const { tenantId, connectorId, invoiceId, kind, includeUnbalanced, cursor } = request;
    if (invoiceId) refuseUnbalanced(await this.#read(tenantId, invoiceId, connectorId), includeUnbalanced);
    const which = invoiceId ? { invoiceId } : { unbilled: true, soundOnly: !includeUnbalanced };
    const after = decodeCursor(cursor, ['uuid', 'integer', 'uuid']);
    const found = await this.store.read(tenantId, (em) =>
      listRatedLines(em, tenantId, { connectorId, kind, ...which }, after, linesPerPage),
    );
    const lines = fitToMessage(found.slice(0, linesPerPage).map(toRatedLine));
    const last = lines.length < found.length ? found[lines.length - 1] : undefined;
    return { lines, nextCursor: last && encodeCursor([last.documentId, last.rowNo, last.id]) };
  }

  /** @throws InvoiceNotFound */
  #read(tenantId: string, invoiceId: string, connectorId: string | undefined): Promise<InvoiceRow> {
    return this.store.read(tenantId, (em) => readInvoice(em, tenantId, invoiceId, connectorId));
  }
}

/** @throws InvoiceUnbalanced unless the request includes such invoices */
function refuseUnbalanced(row: InvoiceRow, includeUnbalanced: boolean | undefined): void {
  if (row.balance === 'unbalanced' && !includeUnbalanced)
    throw new InvoiceUnbalanced(row.id, row.number, row.balanceDetail ?? '');
}

/** Converts a row to the contract; unknown values are left out. */
const toInvoice = (row: InvoiceRow): InvoiceV1 => ({
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

/** Limits the size of a page of lines; a report may have a very long string in every cell. */
const maxTextLength = 1_000;

const brief = (text: string | null) => (text === null ? undefined : shortened(text, maxTextLength));

const toRatedLine = (row: RatedLineRow): RatedLineV1 => ({
  lineId: row.id,
  invoiceId: row.invoiceId ?? undefined,
  kind: row.kind,
  providerAccountId: row.providerAccountId ?? undefined,
  customerName: shortened(row.customerName, maxTextLength),
  providerSubscriptionId: row.providerSubscriptionId ?? undefined,
  cmpSubscriptionId: row.cmpSubscriptionId ?? undefined,
  subscriptionName: row.subscriptionName ?? undefined,
  partNumber: linePartNumber(row.vendor, row.mpn),
  mpn: brief(row.mpn),
  cmpProductId: row.cmpProductId || undefined,
  term: row.term && isoPeriod.test(row.term) ? row.term : undefined,
  manufacturer: brief(row.vendor),
  billingCycle: row.billingCycle ?? undefined,
  orderId: brief(row.orderId),
  chargeStartDate: row.chargeStart ?? undefined,
  chargeEndDate: row.chargeEnd ?? undefined,
  description: shortened(row.description, maxTextLength),
  chargeType: shortened(row.chargeType, maxTextLength),
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

import { type InvoiceV1, isoPeriod, type RatedLineV1 } from '@isthmus/contracts';
import { isoTime } from '@isthmus/service-kit';
import { partNumberOfLine } from '../domain/part-number-of-line.ts';
import { shortened } from '../domain/report.errors.ts';
import type { InvoiceRow } from '../persistence/queries/invoices.query.ts';
import type { RatedLineRow } from '../persistence/queries/rated-lines.query.ts';

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

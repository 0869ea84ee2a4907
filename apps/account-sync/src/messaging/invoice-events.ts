import { InvoiceImportedV1 } from '@isthmus/contracts';
import { event, type NewEvent } from '@isthmus/messaging';

/** An invoice as it is kept now, and what is different from before. */
export type InvoiceFacts = Pick<
  InvoiceImportedV1,
  'number' | 'currency' | 'lineTotal' | 'balance' | 'lines' | 'unmatchedLines' | 'repeatedRows' | 'changed'
> & {
  id: string;
  invoiceDate: string | null;
  statedTotal: string | null;
  version: number;
  /** Lines that came, went, and stayed with another kind of charge. */
  added: number;
  removed: number;
  altered: number;
};

/** What is said of an invoice that is new or says something else than before. */
export const invoiceImported = (
  one: InvoiceFacts,
  run: { id: string; tenantId: string; connectorId: string },
  cmpReportId: string,
  asOf: string,
): NewEvent =>
  event(
    InvoiceImportedV1,
    {
      connectorId: run.connectorId,
      invoiceId: one.id,
      number: one.number,
      cmpReportId,
      invoiceDate: one.invoiceDate ?? undefined,
      currency: one.currency,
      statedTotal: one.statedTotal ?? undefined,
      lineTotal: one.lineTotal,
      balance: one.balance,
      lines: one.lines,
      unmatchedLines: one.unmatchedLines,
      repeatedRows: one.repeatedRows,
      changed: one.changed,
      linesAdded: one.added,
      linesRemoved: one.removed,
      linesAltered: one.altered,
      asOf,
    },
    { tenantId: run.tenantId, aggregateId: one.id, version: one.version, correlationId: run.id },
  );

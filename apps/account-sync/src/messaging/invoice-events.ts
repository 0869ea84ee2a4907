import { InvoiceImportedV1 } from '@isthmus/contracts';
import { event, type NewEvent } from '@isthmus/messaging';
import type { NewDocument } from '../persistence/rated-documents.ts';

/** What is said of an invoice that is new or says something else than before. */
export const invoiceImported = (
  one: NewDocument & { unmatchedLines: number },
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
      asOf,
    },
    { tenantId: run.tenantId, aggregateId: one.id, version: one.version, correlationId: run.id },
  );

import { ReadInvoice, type ReadInvoiceAnswer } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { TenantStore } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { InvoiceNotFound, readInvoice } from '../persistence/queries/invoices.query.ts';
import { invoiceOf, refuseUnbalanced } from './invoice-answers.ts';

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

import { Controller } from '@nestjs/common';
import { ListInvoices, type ListedInvoices } from '@isthmus/contracts';
import { Answers, fittingPage } from '@isthmus/messaging';
import { decodeCursor, encodeCursor, TenantStore } from '@isthmus/service-kit';
import { listInvoices } from '../persistence/queries/invoices.query.ts';
import { invoiceOf } from './invoice-answers.ts';

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

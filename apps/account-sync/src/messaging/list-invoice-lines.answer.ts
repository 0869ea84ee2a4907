import { Controller } from '@nestjs/common';
import { ListInvoiceLines, type ListedInvoiceLines } from '@isthmus/contracts';
import { Answers, fittingPage } from '@isthmus/messaging';
import { decodeCursor, encodeCursor, TenantStore } from '@isthmus/service-kit';
import { readInvoice } from '../persistence/queries/invoices.query.ts';
import { listRatedLines } from '../persistence/queries/rated-lines.query.ts';
import { lineOf, refuseUnbalanced } from './invoice-answers.ts';

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

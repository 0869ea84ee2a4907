import { Controller } from '@nestjs/common';
import { ListInvoiceLines, type ListedInvoiceLines } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { decodeCursor, pageOf, TenantStore } from '@isthmus/service-kit';
import { readInvoice } from '../persistence/queries/invoices.query.ts';
import { listRatedLines } from '../persistence/queries/rated-lines.query.ts';
import { lineOf, refuseUnbalanced } from './invoice-answers.ts';

/** Lines of three kilobytes each, which are long ones, still fit into what an ask may carry. */
const limit = 150;

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
    const found = await listRatedLines(rows, { connectorId, kind, ...which }, after, limit);
    const place = (row: (typeof found)[number]) => [row.documentId, row.rowNo, row.id];
    const { data, nextCursor } = pageOf(found, limit, place, lineOf);
    return { lines: data, nextCursor: nextCursor ?? undefined };
  }
}

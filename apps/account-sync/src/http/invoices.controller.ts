import { Controller, Get, Query } from '@nestjs/common';
import {
  Allow,
  CurrentUser,
  Describe,
  pageOf,
  Principal,
  TenantStore,
  UuidParam,
  type Page,
  type TenantRows,
} from '@isthmus/service-kit';
import { listInvoices, readInvoice } from '../persistence/queries/invoices.query.ts';
import { listRatedLines, type RatedLineFilter } from '../persistence/queries/rated-lines.query.ts';
import { cursorKey } from './cursor-key.ts';
import { InvoiceLineQuery, InvoiceQuery, RatedLineQuery } from './invoice-query.dto.ts';
import { InvoiceView, showInvoice } from './invoice.view.ts';
import { RatedLineView, showRatedLine } from './rated-line.view.ts';

/** CMP's rated data, as read from its reports. */
@Allow('viewer')
@Controller('v1')
export class InvoicesController {
  constructor(private readonly store: TenantStore) {}

  @Get('invoices')
  @Describe('The newest first; also those that do not add up.', { returns: InvoiceView, list: 'page' })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: InvoiceQuery,
  ): Promise<Page<InvoiceView>> {
    const after = cursorKey(query.cursor, 'time', 'uuid');
    const rows = await listInvoices(this.store.rows(tenantId), query, after, query.limit);
    return pageOf(rows, query.limit, ({ place, id }) => [place, id], showInvoice);
  }

  @Get('invoices/:id')
  @Describe('One invoice.', { returns: InvoiceView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<InvoiceView> {
    return showInvoice(await readInvoice(this.store.rows(tenantId), id));
  }

  @Get('invoices/:id/lines')
  @Describe('The lines of one invoice, as in the report.', { returns: RatedLineView, list: 'page' })
  async lines(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() query: InvoiceLineQuery,
  ): Promise<Page<RatedLineView>> {
    const rows = this.store.rows(tenantId);
    await readInvoice(rows, id);
    return page(rows, { ...query, invoiceId: id }, query);
  }

  @Get('rated-lines')
  @Describe('Lines of all invoices and of none; `matched=false` are those that are no known account’s.', {
    returns: RatedLineView,
    list: 'page',
  })
  all(@CurrentUser() { tenantId }: Principal, @Query() query: RatedLineQuery): Promise<Page<RatedLineView>> {
    return page(this.store.rows(tenantId), query, query);
  }
}

async function page(
  rows: TenantRows,
  filter: RatedLineFilter,
  { cursor, limit }: InvoiceLineQuery,
): Promise<Page<RatedLineView>> {
  const after = cursorKey(cursor, 'uuid', 'integer', 'uuid');
  const found = await listRatedLines(rows, filter, after, limit);
  return pageOf(found, limit, (row) => [row.documentId, row.rowNo, row.id], showRatedLine);
}

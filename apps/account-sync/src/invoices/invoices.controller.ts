import {
  Allow,
  Answer,
  clientOf,
  CurrentUser,
  decodeCursor,
  Describe,
  isoTime,
  type Page,
  pageOf,
  Principal,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { Connector, connectorForRun, ConnectorNotFound, SyncRuns } from '@isthmus/sync-engine';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, HttpCode, Post, Put, Query } from '@nestjs/common';
import { printTarget } from '../sync/run-target.ts';
import { showSyncRun, StartedSyncRun } from '../sync/sync-runs.dto.ts';
import {
  InvoiceLineQuery,
  InvoiceQuery,
  InvoiceView,
  PutReportFormat,
  RatedLineQuery,
  RatedLineView,
  RatedReportQuery,
  RatedReportView,
  ReportFormatView,
  showInvoice,
  showRatedLine,
  showRatedReport,
} from './invoices.dto.ts';
import { listInvoices, listRatedLines, type RatedLineFilter, readInvoice } from './invoices.store.ts';
import { fixedFormat, fixFormat, listRatedReports, readRatedReport } from './rated-reports.store.ts';

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
    const after = decodeCursor(query.cursor, ['time', 'uuid']);
    const rows = await this.store.read(tenantId, (em) =>
      listInvoices(em, tenantId, query, after, query.limit),
    );
    return pageOf(rows, query.limit, ({ place, id }) => [place, id], showInvoice);
  }

  @Get('invoices/:id')
  @Describe('One invoice.', { returns: InvoiceView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<InvoiceView> {
    return showInvoice(await this.store.read(tenantId, (em) => readInvoice(em, tenantId, id)));
  }

  @Get('invoices/:id/lines')
  @Describe('The lines of one invoice, as in the report.', { returns: RatedLineView, list: 'page' })
  lines(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() query: InvoiceLineQuery,
  ): Promise<Page<RatedLineView>> {
    return this.store.read(tenantId, async (em) => {
      await readInvoice(em, tenantId, id);
      return page(em, tenantId, { ...query, invoiceId: id }, query);
    });
  }

  @Get('rated-lines')
  @Describe('Lines of all invoices and of none; `matched=false` are those that are no known account’s.', {
    returns: RatedLineView,
    list: 'page',
  })
  all(@CurrentUser() { tenantId }: Principal, @Query() query: RatedLineQuery): Promise<Page<RatedLineView>> {
    return this.store.read(tenantId, (em) => page(em, tenantId, query, query));
  }
}

async function page(
  em: EntityManager,
  tenantId: string,
  filter: RatedLineFilter,
  { cursor, limit }: InvoiceLineQuery,
): Promise<Page<RatedLineView>> {
  const after = decodeCursor(cursor, ['uuid', 'integer', 'uuid']);
  const found = await listRatedLines(em, tenantId, filter, after, limit);
  return pageOf(found, limit, (row) => [row.documentId, row.rowNo, row.id], showRatedLine);
}

@Allow('viewer')
@Controller('v1/rated-reports')
export class RatedReportsController {
  constructor(
    private readonly store: TenantStore,
    private readonly runs: SyncRuns,
  ) {}

  @Get()
  @Describe(
    'Reports that were fetched, the latest made first; `status=failed` says what is wrong with them.',
    {
      returns: RatedReportView,
      list: 'page',
    },
  )
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: RatedReportQuery,
  ): Promise<Page<RatedReportView>> {
    const after = decodeCursor(query.cursor, ['time', 'uuid']);
    const rows = await this.store.read(tenantId, (em) =>
      listRatedReports(em, tenantId, query, after, query.limit),
    );
    return pageOf(rows, query.limit, ({ generatedAt, id }) => [isoTime(generatedAt), id], showRatedReport);
  }

  @Get(':id')
  @Describe('One report that was fetched.', { returns: RatedReportView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<RatedReportView> {
    return showRatedReport(await this.store.read(tenantId, (em) => readRatedReport(em, tenantId, id)));
  }

  @Post(':id/reimport')
  @HttpCode(202)
  @Allow('operator')
  @Describe(
    'Starts a run that reads the report once more, or joins it. Lines that say the same keep their ids; invoices that are the same stay untouched.',
    { returns: StartedSyncRun, status: 202 },
  )
  reimport(
    @CurrentUser() { tenantId, subject }: Principal,
    @UuidParam() id: string,
  ): Promise<Answer<StartedSyncRun>> {
    return this.store.change(tenantId, async (em) => {
      const { connectorId } = await readRatedReport(em, tenantId, id);
      await connectorForRun(em, connectorId);
      const { id: runId, joined } = await this.runs.start(em, {
        ...{ tenantId, connectorId, scope: 'reports', depth: 'full' },
        ...{ target: printTarget({ ratedReportId: id }), trigger: 'person', requestedBy: subject },
      });
      const run = showSyncRun(await this.runs.readWithin(em, tenantId, runId));
      return Answer.accepted(`/v1/sync-runs/${runId}`, { ...run, joined });
    });
  }
}

/** For reports whose cells do not show how they write numbers and days. Texts alone: a workbook's numbers and days need no setting. */
@Controller('v1/report-formats/:connectorId')
export class ReportFormatsController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe('How the reports of a connector write numbers and days.', { returns: ReportFormatView })
  read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam('connectorId') connectorId: string,
  ): Promise<ReportFormatView> {
    return this.store.change(tenantId, async (em) => {
      await requireConnector(em, connectorId);
      return { connectorId, ...(await fixedFormat(clientOf(em), { tenantId, connectorId })) };
    });
  }

  @Put()
  @Allow('operator')
  @Describe('Fixes how the reports of a connector write numbers and days, from the next one read on.', {
    returns: ReportFormatView,
  })
  put(
    @CurrentUser() { tenantId, subject }: Principal,
    @UuidParam('connectorId') connectorId: string,
    @Body() { decimalSeparator = null, dateOrder = null }: PutReportFormat,
  ): Promise<ReportFormatView> {
    return this.store.change(tenantId, async (em) => {
      await requireConnector(em, connectorId);
      await fixFormat(clientOf(em), { tenantId, connectorId }, { decimalSeparator, dateOrder }, subject);
      return { connectorId, decimalSeparator, dateOrder };
    });
  }
}

/** @throws ConnectorNotFound; a paused one may be set up all the same */
async function requireConnector(em: EntityManager, connectorId: string): Promise<void> {
  const connector = await em.findOne(Connector, { connectorId });
  if (!connector || connector.status === 'removed') throw new ConnectorNotFound(connectorId);
}

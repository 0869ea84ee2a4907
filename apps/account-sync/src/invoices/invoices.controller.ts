import {
  Allow,
  ApiResponse,
  audit,
  Audited,
  clientIn,
  CurrentUser,
  decodeCursor,
  Describe,
  isoTime,
  type Page,
  toPage,
  Principal,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { requireActiveConnector, requireConnector, SyncRuns } from '@isthmus/sync-engine';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, HttpCode, Patch, Post, Put, Query } from '@nestjs/common';
import { printTarget } from '../sync/run-target.ts';
import { showSyncRun, StartedSyncRun } from '../sync/sync-runs.dto.ts';
import {
  DecideRatedLine,
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
import {
  listInvoices,
  listRatedLines,
  type RatedLineFilter,
  readInvoice,
  readRatedLine,
} from './invoices.store.ts';
import { decideLine } from './rated-lines.store.ts';
import { fixedFormat, fixFormat, listRatedReports, readRatedReport } from './rated-reports.store.ts';

/** CMP's rated data, as read from its reports. */
@Allow('viewer')
@Controller('v1')
export class InvoicesController {
  constructor(private readonly store: TenantStore) {}

  @Get('invoices')
  @Describe('Invoices, newest first, including those that do not add up.', {
    returns: InvoiceView,
    list: 'page',
  })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: InvoiceQuery,
  ): Promise<Page<InvoiceView>> {
    const after = decodeCursor(query.cursor, ['time', 'uuid']);
    const rows = await this.store.read(tenantId, (em) =>
      listInvoices(em, tenantId, query, after, query.limit),
    );
    return toPage(rows, query.limit, ({ place, id }) => [place, id], showInvoice);
  }

  @Get('invoices/:id')
  @Describe('One invoice.', { returns: InvoiceView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<InvoiceView> {
    return showInvoice(await this.store.read(tenantId, (em) => readInvoice(em, tenantId, id)));
  }

  @Get('invoices/:id/lines')
  @Describe('The lines of one invoice, in the order of the report.', { returns: RatedLineView, list: 'page' })
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
  @Describe(
    'Lines of all invoices, and those on no invoice; `matched=false` returns those that match no known account.',
    {
      returns: RatedLineView,
      list: 'page',
    },
  )
  all(@CurrentUser() { tenantId }: Principal, @Query() query: RatedLineQuery): Promise<Page<RatedLineView>> {
    return this.store.read(tenantId, (em) => page(em, tenantId, query, query));
  }

  @Patch('rated-lines/:id')
  @Allow('finance')
  @Describe(
    'Decides to which account a line belongs, or that it needs none; with `automatic` the rules decide again. The decision stays as long as the report contains the same line.',
    { returns: RatedLineView },
  )
  @Audited('rated-line.decide')
  decide(
    @CurrentUser() { tenantId, subject }: Principal,
    @UuidParam() id: string,
    @Body() body: DecideRatedLine,
  ): Promise<RatedLineView> {
    return this.store.change(tenantId, async (em) => {
      await decideLine(em, tenantId, id, { ...body, by: subject });
      return showRatedLine(await readRatedLine(em, tenantId, id));
    });
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
  return toPage(found, limit, (row) => [row.documentId, row.rowNo, row.id], showRatedLine);
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
    'Downloaded reports, most recently generated first; `status=failed` returns those with errors, and the reasons.',
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
    return toPage(rows, query.limit, ({ generatedAt, id }) => [isoTime(generatedAt), id], showRatedReport);
  }

  @Get(':id')
  @Describe('One downloaded report.', { returns: RatedReportView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<RatedReportView> {
    return showRatedReport(await this.store.read(tenantId, (em) => readRatedReport(em, tenantId, id)));
  }

  @Post(':id/reimport')
  @HttpCode(202)
  @Allow('operator')
  @Describe(
    'Starts a run that reads the report again, or returns the one in progress. Identical lines keep their ids; identical invoices are not changed.',
    { returns: StartedSyncRun, status: 202 },
  )
  @Audited('sync-run.start')
  reimport(
    @CurrentUser() { tenantId, subject }: Principal,
    @UuidParam() id: string,
  ): Promise<ApiResponse<StartedSyncRun>> {
    return this.store.change(tenantId, async (em) => {
      const { connectorId } = await readRatedReport(em, tenantId, id);
      await requireActiveConnector(em, connectorId);
      const { id: runId, joined } = await this.runs.start(em, {
        ...{ tenantId, connectorId, scope: 'reports', depth: 'full' },
        ...{ target: printTarget({ ratedReportId: id }), trigger: 'person', requestedBy: subject },
      });
      const run = showSyncRun(await this.runs.readWithin(em, tenantId, runId));
      return ApiResponse.accepted(`/v1/sync-runs/${runId}`, { ...run, joined });
    });
  }
}

/**
 * Settings for reports whose cells do not reveal their number and date formats. They apply to text cells only: number and date
 * cells of a workbook need no setting.
 */
@Controller('v1/report-formats/:connectorId')
export class ReportFormatsController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe("The number and date formats of the connector's reports.", { returns: ReportFormatView })
  read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam('connectorId') connectorId: string,
  ): Promise<ReportFormatView> {
    return this.store.change(tenantId, async (em) => {
      await requireConnector(em, connectorId);
      return { connectorId, ...(await fixedFormat(clientIn(em), { tenantId, connectorId })) };
    });
  }

  @Put()
  @Allow('operator')
  @Describe(
    "Sets the number and date formats of the connector's reports; takes effect from the next import.",
    {
      returns: ReportFormatView,
    },
  )
  @Audited('report-format.set')
  put(
    @CurrentUser() { tenantId, subject }: Principal,
    @UuidParam('connectorId') connectorId: string,
    @Body() { decimalSeparator = null, dateOrder = null }: PutReportFormat,
  ): Promise<ReportFormatView> {
    return this.store.change(tenantId, async (em) => {
      await requireConnector(em, connectorId);
      const before = await fixedFormat(clientIn(em), { tenantId, connectorId });
      const after = { decimalSeparator, dateOrder };
      await fixFormat(clientIn(em), { tenantId, connectorId }, after, subject);
      await audit(em, {
        ...{ tenantId, action: 'report-format.set', thing: ['report-format', connectorId] },
        ...{ before, after },
      });
      return { connectorId, decimalSeparator, dateOrder };
    });
  }
}

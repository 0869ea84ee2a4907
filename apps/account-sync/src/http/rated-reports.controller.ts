import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  Allow,
  Answer,
  CurrentUser,
  Describe,
  isoTime,
  pageOf,
  Principal,
  TenantRows,
  TenantStore,
  UuidParam,
  type Page,
} from '@isthmus/service-kit';
import { connectorForRun, SyncRuns } from '@isthmus/sync-engine';
import { printTarget } from '../domain/sync-target.ts';
import { listRatedReports, readRatedReport } from '../persistence/queries/rated-reports.query.ts';
import { cursorKey } from './cursor-key.ts';
import { RatedReportQuery } from './invoice-query.dto.ts';
import { RatedReportView, showRatedReport } from './rated-report.view.ts';
import { showSyncRun, StartedSyncRun } from './sync-run.view.ts';

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
    const after = cursorKey(query.cursor, 'time', 'uuid');
    const rows = await listRatedReports(this.store.rows(tenantId), query, after, query.limit);
    return pageOf(rows, query.limit, ({ generatedAt, id }) => [isoTime(generatedAt), id], showRatedReport);
  }

  @Get(':id')
  @Describe('One report that was fetched.', { returns: RatedReportView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<RatedReportView> {
    return showRatedReport(await readRatedReport(this.store.rows(tenantId), id));
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
      const { connectorId } = await readRatedReport(TenantRows.within(em, tenantId), id);
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

import { Controller, Get, Query } from '@nestjs/common';
import {
  Allow,
  CurrentUser,
  Describe,
  isoTime,
  pageOf,
  Principal,
  TenantStore,
  type Page,
} from '@isthmus/service-kit';
import { listRatedReports } from '../persistence/queries/rated-reports.query.ts';
import { cursorKey } from './cursor-key.ts';
import { RatedReportQuery } from './invoice-query.dto.ts';
import { RatedReportView, showRatedReport } from './rated-report.view.ts';

@Allow('viewer')
@Controller('v1/rated-reports')
export class RatedReportsController {
  constructor(private readonly store: TenantStore) {}

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
}

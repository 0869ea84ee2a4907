import { Controller, Get, Query, Res } from '@nestjs/common';
import {
  Allow,
  CurrentUser,
  Describe,
  pageOf,
  Principal,
  Produces,
  sse,
  UuidParam,
  type Page,
  TenantStore,
} from '@isthmus/service-kit';
import type { FastifyReply } from 'fastify';
import { AccountSyncEnv } from '../config.ts';
import { listRunRecords } from '../persistence/queries/run-records.query.ts';
import { readSyncRun } from '../persistence/queries/sync-runs.query.ts';
import { cursorKey } from './cursor-key.ts';
import { followRun } from './follow-run.ts';
import { RunRecordView } from './run-record.view.ts';
import { RunRecordQuery } from './sync-run-query.dto.ts';

@Allow('viewer')
@Controller('v1/sync-runs/:id')
export class SyncRunReportController {
  constructor(
    private readonly store: TenantStore,
    private readonly env: AccountSyncEnv,
  ) {}

  @Get('records')
  @Describe('What the run did, or plans to do, record by record.', { returns: RunRecordView, list: 'page' })
  async records(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() query: RunRecordQuery,
  ): Promise<Page<RunRecordView>> {
    const after = cursorKey(query.cursor, 'integer', 'integer');
    const rows = this.store.rows(tenantId);
    await readSyncRun(rows, id);
    const found = await listRunRecords(rows, id, query, after, query.limit);
    return pageOf(
      found,
      query.limit,
      ({ seq, place }) => [seq, place],
      ({ record }) => record,
    );
  }

  @Get('progress')
  @Produces('text/event-stream')
  @Describe('Server-sent events: `progress` with the run at every change of it, `finished` as the last.')
  async progress(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const read = () => readSyncRun(this.store.rows(tenantId), id);
    // While there is an answer to choose: a run that is not there is a 404, not a stream.
    const first = await read();
    return sse(reply, followRun(first, read, this.env.PROGRESS_POLL_MS));
  }
}

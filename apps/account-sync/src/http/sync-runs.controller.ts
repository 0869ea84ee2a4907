import { Body, Controller, Get, HttpCode, Post, Query, UseInterceptors } from '@nestjs/common';
import {
  Allow,
  Answer,
  CurrentUser,
  Describe,
  Idempotency,
  pageOf,
  Principal,
  UuidParam,
  type IdempotentRequest,
  type Page,
  TenantRows,
  TenantStore,
} from '@isthmus/service-kit';
import { ConnectorPaused } from '../domain/account.errors.ts';
import { checkRunRequest, printTarget } from '../domain/sync-target.ts';
import { listSyncRuns, readSyncRun } from '../persistence/queries/sync-runs.query.ts';
import { keepConnector } from '../persistence/require-rows.ts';
import { RunCommands } from '../persistence/run-commands.ts';
import { checkTarget } from '../persistence/run-target.ts';
import { cursorKey } from './cursor-key.ts';
import { ExplainProblems } from './explain-problems.interceptor.ts';
import { StartSyncRun } from './start-sync-run.dto.ts';
import { SyncRunQuery } from './sync-run-query.dto.ts';
import { showSyncRun, StartedSyncRun, SyncRunView } from './sync-run.view.ts';

@UseInterceptors(ExplainProblems)
@Controller('v1/sync-runs')
export class SyncRunsController {
  constructor(
    private readonly store: TenantStore,
    private readonly runs: RunCommands,
  ) {}

  @Post()
  @HttpCode(202)
  @Allow('operator')
  @Describe('Starts a run, or joins the open one that is just like it.', {
    returns: StartedSyncRun,
    status: 202,
  })
  start(
    @CurrentUser() { tenantId, subject }: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() body: StartSyncRun,
  ): Promise<Answer> {
    checkRunRequest(body);
    return this.store.changeOnce(request, async (em) => {
      const { connectorId, scope, depth, apply } = body;
      const connector = await keepConnector(em, connectorId);
      if (connector.status === 'paused') throw new ConnectorPaused(connectorId, connector.paused ?? null);
      await checkTarget(em, connectorId, body);
      const wanted = { tenantId, connectorId, scope, depth, apply, target: printTarget(body) };
      const { id, joined } = await this.runs.start(em, {
        ...wanted,
        trigger: 'person',
        requestedBy: subject,
      });
      const run = showSyncRun(await readSyncRun(TenantRows.within(em, tenantId), id));
      return Answer.accepted(`/v1/sync-runs/${id}`, { ...run, joined });
    });
  }

  @Get()
  @Allow('viewer')
  @Describe('The runs, newest first.', { returns: SyncRunView, list: 'page' })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: SyncRunQuery,
  ): Promise<Page<SyncRunView>> {
    const after = cursorKey(query.cursor, 'time', 'uuid');
    const rows = await listSyncRuns(this.store.rows(tenantId), query, after, query.limit);
    return pageOf(rows, query.limit, ({ place, id }) => [place, id], showSyncRun);
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One run: how far it is, what came of it, why it waits or failed.', { returns: SyncRunView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<SyncRunView> {
    return showSyncRun(await readSyncRun(this.store.rows(tenantId), id));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Allow('operator')
  @Describe('Ends a waiting run at once and a running one with its next batch.', {
    returns: SyncRunView,
    status: 200,
  })
  async cancel(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<SyncRunView> {
    await this.runs.cancel(tenantId, id);
    return showSyncRun(await readSyncRun(this.store.rows(tenantId), id));
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Allow('operator')
  @Describe('Lets a held run start over and end as many records as its plan says.', {
    returns: SyncRunView,
    status: 200,
  })
  async approve(
    @CurrentUser() { tenantId, subject }: Principal,
    @UuidParam() id: string,
  ): Promise<SyncRunView> {
    await this.runs.approve(tenantId, id, subject);
    return showSyncRun(await readSyncRun(this.store.rows(tenantId), id));
  }
}

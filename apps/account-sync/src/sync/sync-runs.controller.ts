import {
  Allow,
  ApiResponse,
  Audited,
  CurrentUser,
  Describe,
  Idempotency,
  type IdempotentRequest,
  Principal,
  TenantStore,
} from '@isthmus/service-kit';
import { requireActiveConnector, ConnectorLookup, runControllers, SyncRuns } from '@isthmus/sync-engine';
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import {
  ConnectorFreshnessView,
  showFreshness,
  showSyncRun,
  StartedSyncRun,
  StartSyncRun,
  SyncRunQuery,
  SyncRunView,
} from './sync-runs.dto.ts';
import { checkRunRequest, printTarget } from './run-target.ts';
import { checkTarget, readFreshness } from './sync-runs.store.ts';

@Controller('v1/sync-runs')
export class StartSyncRunController {
  constructor(
    private readonly store: TenantStore,
    private readonly runs: SyncRuns,
    private readonly connectors: ConnectorLookup,
  ) {}

  @Post()
  @HttpCode(202)
  @Allow('operator')
  @Describe('Starts a run, or returns the identical one that is already open.', {
    returns: StartedSyncRun,
    status: 202,
  })
  @Audited('sync-run.start')
  async start(
    @CurrentUser() { tenantId, subject }: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() body: StartSyncRun,
  ): Promise<ApiResponse> {
    checkRunRequest(body);
    await this.connectors.refresh(tenantId, body.connectorId);
    return this.store.changeOnce(request, async (em) => {
      const { connectorId, scope, depth, apply } = body;
      await requireActiveConnector(em, connectorId);
      await checkTarget(em, connectorId, body);
      const wanted = { tenantId, connectorId, scope, depth, apply, target: printTarget(body) };
      const { id, joined } = await this.runs.start(em, {
        ...wanted,
        trigger: 'person',
        requestedBy: subject,
      });
      const run = showSyncRun(await this.runs.readWithin(em, tenantId, id));
      return ApiResponse.accepted(`/v1/sync-runs/${id}`, { ...run, joined });
    });
  }
}

@Controller('v1/sync-runs/freshness')
export class FreshnessController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe('What has been read of each connector, how current it is, and what is being read now.', {
    returns: ConnectorFreshnessView,
    list: 'array',
  })
  async list(@CurrentUser() { tenantId }: Principal): Promise<ConnectorFreshnessView[]> {
    return (await readFreshness(this.store.rows(tenantId))).map(showFreshness);
  }
}

/** Lists runs, follows their progress, cancels, approves and applies them. */
export const syncRunControllers = runControllers({
  path: 'v1/sync-runs',
  view: SyncRunView,
  show: showSyncRun,
  query: SyncRunQuery,
});

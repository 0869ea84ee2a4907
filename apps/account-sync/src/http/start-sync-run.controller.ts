import { Body, Controller, HttpCode, Post, UseInterceptors } from '@nestjs/common';
import {
  Allow,
  Answer,
  CurrentUser,
  Describe,
  Idempotency,
  Principal,
  TenantStore,
  type IdempotentRequest,
} from '@isthmus/service-kit';
import { connectorForRun, ConnectorLookup, SyncRuns } from '@isthmus/sync-engine';
import { checkRunRequest, printTarget } from '../domain/sync-target.ts';
import { checkTarget } from '../persistence/run-target.ts';
import { ExplainProblems } from './explain-problems.interceptor.ts';
import { StartSyncRun } from './start-sync-run.dto.ts';
import { showSyncRun, StartedSyncRun } from './sync-run.view.ts';

@UseInterceptors(ExplainProblems)
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
  @Describe('Starts a run, or joins the open one that is just like it.', {
    returns: StartedSyncRun,
    status: 202,
  })
  async start(
    @CurrentUser() { tenantId, subject }: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() body: StartSyncRun,
  ): Promise<Answer> {
    checkRunRequest(body);
    await this.connectors.refresh(tenantId, body.connectorId);
    return this.store.changeOnce(request, async (em) => {
      const { connectorId, scope, depth, apply } = body;
      await connectorForRun(em, connectorId);
      await checkTarget(em, connectorId, body);
      const wanted = { tenantId, connectorId, scope, depth, apply, target: printTarget(body) };
      const { id, joined } = await this.runs.start(em, {
        ...wanted,
        trigger: 'person',
        requestedBy: subject,
      });
      const run = showSyncRun(await this.runs.readWithin(em, tenantId, id));
      return Answer.accepted(`/v1/sync-runs/${id}`, { ...run, joined });
    });
  }
}

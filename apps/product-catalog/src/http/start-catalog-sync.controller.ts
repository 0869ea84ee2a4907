import { Body, Controller, HttpCode, Post } from '@nestjs/common';
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
import { connectorForRun, ConnectorLookup, showRun, SyncRuns } from '@isthmus/sync-engine';
import { StartCatalogSync, StartedCatalogSync } from './catalog-sync.dto.ts';

@Controller('v1/catalog-syncs')
export class StartCatalogSyncController {
  constructor(
    private readonly store: TenantStore,
    private readonly runs: SyncRuns,
    private readonly connectors: ConnectorLookup,
  ) {}

  @Post()
  @HttpCode(202)
  @Allow('operator')
  @Describe('Reads CMP’s catalogue, or joins the run that does so already.', {
    returns: StartedCatalogSync,
    status: 202,
  })
  async start(
    @CurrentUser() { tenantId, subject }: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() { connectorId, apply }: StartCatalogSync,
  ): Promise<Answer> {
    await this.connectors.refresh(tenantId, connectorId);
    return this.store.changeOnce(request, async (em) => {
      await connectorForRun(em, connectorId);
      const wanted = { tenantId, connectorId, scope: 'products', depth: 'full', apply };
      const { id, joined } = await this.runs.start(em, {
        ...wanted,
        trigger: 'person',
        requestedBy: subject,
      });
      const run = showRun(await this.runs.readWithin(em, tenantId, id));
      return Answer.accepted(`/v1/catalog-syncs/${id}`, { ...run, joined });
    });
  }
}

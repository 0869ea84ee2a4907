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
import {
  requireActiveConnector,
  ConnectorLookup,
  runControllers,
  RunView,
  toRunView,
  SyncRuns,
} from '@isthmus/sync-engine';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { IsBoolean, IsUUID } from 'class-validator';

class StartCatalogSync {
  @IsUUID() connectorId!: string;
  /** `false` only plans: the run's records show what would change, and nothing is written. */
  @IsBoolean() apply: boolean = true;
}

class StartedCatalogSync extends RunView {
  /** An equal run was open already, and this is that one. */
  @IsBoolean() joined!: boolean;
}

/** Looking at catalogue syncs and steering them; StartCatalogSyncController starts them. */
export const catalogSyncControllers = runControllers({
  path: 'v1/catalog-syncs',
  view: RunView,
  show: toRunView,
});

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
  @Describe('Starts reading CMP’s catalogue, or returns the run that is already doing so.', {
    returns: StartedCatalogSync,
    status: 202,
  })
  @Audited('sync-run.start')
  async start(
    @CurrentUser() { tenantId, subject }: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() { connectorId, apply }: StartCatalogSync,
  ): Promise<ApiResponse> {
    await this.connectors.refresh(tenantId, connectorId);
    return this.store.changeOnce(request, async (em) => {
      await requireActiveConnector(em, connectorId);
      const wanted = { tenantId, connectorId, scope: 'products', depth: 'full', apply };
      const { id, joined } = await this.runs.start(em, {
        ...wanted,
        trigger: 'person',
        requestedBy: subject,
      });
      const run = toRunView(await this.runs.readWithin(em, tenantId, id));
      return ApiResponse.accepted(`/v1/catalog-syncs/${id}`, { ...run, joined });
    });
  }
}

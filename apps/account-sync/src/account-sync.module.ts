import { Module } from '@nestjs/common';
import { TenantStore } from '@isthmus/service-kit';
import { AccountLinkController } from './http/account-link.controller.ts';
import { BillingContractsController } from './http/billing-contracts.controller.ts';
import { ProviderAccountsController } from './http/provider-accounts.controller.ts';
import { ProviderSubscriptionsController } from './http/provider-subscriptions.controller.ts';
import { SyncRunReportController } from './http/sync-run-report.controller.ts';
import { SyncRunsController } from './http/sync-runs.controller.ts';
import { TenantAccountsController } from './http/tenant-accounts.controller.ts';
import { CancelRunsOnConnectorRemoved } from './messaging/cancel-runs-on-connector-removed.handler.ts';
import { KeepConnectorOnConnectorCreated } from './messaging/keep-connector-on-connector-created.handler.ts';
import { ResumeSyncingOnConnectorResumed } from './messaging/resume-syncing-on-connector-resumed.handler.ts';
import { StopSyncingOnConnectorPaused } from './messaging/stop-syncing-on-connector-paused.handler.ts';
import { UpdateConnectorOnConnectorChanged } from './messaging/update-connector-on-connector-changed.handler.ts';
import { RunCommands } from './persistence/run-commands.ts';

/** The API: its ways in are people and connector-config's events. The clock and the work queue are the worker's. */
@Module({
  controllers: [
    SyncRunsController,
    SyncRunReportController,
    ProviderAccountsController,
    AccountLinkController,
    ProviderSubscriptionsController,
    TenantAccountsController,
    BillingContractsController,
    KeepConnectorOnConnectorCreated,
    UpdateConnectorOnConnectorChanged,
    StopSyncingOnConnectorPaused,
    ResumeSyncingOnConnectorResumed,
    CancelRunsOnConnectorRemoved,
  ],
  providers: [TenantStore, RunCommands],
})
export class AccountSyncModule {}

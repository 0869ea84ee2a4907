import {
  ConnectorLookup,
  ConnectorRecords,
  EndRecordsOnConnectorRemoved,
  ProjectConnectorOnConnectorCreated,
  ResumeSyncingOnConnectorResumed,
  StopSyncingOnConnectorPaused,
  SyncRuns,
  syncRuns,
  UpdateConnectorOnConnectorChanged,
} from '@isthmus/sync-engine';
import { Module } from '@nestjs/common';
import { AccountRecords } from '../accounts/connector-records.store.ts';
import { AccountSyncEnv } from '../config.ts';
import { ReadSubscriptionOnOrderSettled, runEvents } from './sync-run.events.ts';
import { planMirrors } from './subscriptions/subscription-details.service.ts';
import { FreshnessController, StartSyncRunController, syncRunControllers } from './sync-runs.controller.ts';

/** Starting and following sync runs, and the connectors they read through. The worker executes them (`worker.module.ts`). */
@Module({
  controllers: [
    StartSyncRunController,
    FreshnessController,
    ...syncRunControllers,
    ReadSubscriptionOnOrderSettled,
    ProjectConnectorOnConnectorCreated,
    UpdateConnectorOnConnectorChanged,
    StopSyncingOnConnectorPaused,
    ResumeSyncingOnConnectorResumed,
    EndRecordsOnConnectorRemoved,
  ],
  providers: [
    ...syncRuns(AccountSyncEnv, runEvents, planMirrors),
    ConnectorLookup,
    { provide: ConnectorRecords, useClass: AccountRecords },
  ],
  exports: [SyncRuns],
})
export class SyncRunsModule {}

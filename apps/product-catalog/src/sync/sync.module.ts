import {
  ConnectorLookup,
  ConnectorRecords,
  EndRecordsOnConnectorRemoved,
  KeepConnectorOnConnectorCreated,
  ResumeSyncingOnConnectorResumed,
  StopSyncingOnConnectorPaused,
  syncRuns,
  syncWorker,
  UpdateConnectorOnConnectorChanged,
} from '@isthmus/sync-engine';
import { Module } from '@nestjs/common';
import { ProductCatalogEnv } from '../config.ts';
import { dueSyncs, phasesOf, planMirrors } from './catalog-sync.phase.ts';
import { catalogSyncControllers, StartCatalogSyncController } from './catalog-syncs.controller.ts';
import { CatalogRecords } from './connector-records.store.ts';
import { runEvents } from './run-events.ts';

/** API and worker in one process: a catalogue is read once a day, with a call for every 500 products. */
@Module({
  controllers: [
    StartCatalogSyncController,
    ...catalogSyncControllers,
    KeepConnectorOnConnectorCreated,
    UpdateConnectorOnConnectorChanged,
    StopSyncingOnConnectorPaused,
    ResumeSyncingOnConnectorResumed,
    EndRecordsOnConnectorRemoved,
  ],
  providers: [
    ConnectorLookup,
    { provide: ConnectorRecords, useClass: CatalogRecords },
    ...syncRuns(ProductCatalogEnv, runEvents, (env) => env.PROGRESS_POLL_MS, planMirrors),
    ...syncWorker(ProductCatalogEnv, { tell: runEvents, phasesOf, dueRuns: dueSyncs }),
  ],
})
export class SyncModule {}

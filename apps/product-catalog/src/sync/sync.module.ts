import {
  ConnectorLookup,
  ConnectorRecords,
  EndRecordsOnConnectorRemoved,
  ProjectConnectorOnConnectorCreated,
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
    ProjectConnectorOnConnectorCreated,
    UpdateConnectorOnConnectorChanged,
    StopSyncingOnConnectorPaused,
    ResumeSyncingOnConnectorResumed,
    EndRecordsOnConnectorRemoved,
  ],
  providers: [
    ConnectorLookup,
    { provide: ConnectorRecords, useClass: CatalogRecords },
    ...syncRuns(ProductCatalogEnv, runEvents, planMirrors),
    ...syncWorker(ProductCatalogEnv, { runEvents, phasesOf, dueRuns: dueSyncs }),
  ],
})
export class SyncModule {}

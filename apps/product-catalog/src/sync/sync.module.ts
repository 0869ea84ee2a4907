import { CatalogSyncFinishedV1, CatalogSyncHeldV1, CatalogSyncStartedV1 } from '@isthmus/contracts';
import {
  ConnectorLookup,
  ConnectorRecords,
  EndRecordsOnConnectorRemoved,
  ProjectConnectorOnConnectorCreated,
  ResumeSyncingOnConnectorResumed,
  runEventsIn,
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

const runEvents = runEventsIn({
  started: CatalogSyncStartedV1,
  finished: CatalogSyncFinishedV1,
  held: CatalogSyncHeldV1,
});

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

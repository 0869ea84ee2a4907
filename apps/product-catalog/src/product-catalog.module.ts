import { Module } from '@nestjs/common';
import { CatalogSyncDue } from '@isthmus/contracts';
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
import { catalogSyncMessages } from './catalog-sync-messages.ts';
import { ProductCatalogEnv } from './config.ts';
import { AliasesController } from './http/aliases.controller.ts';
import { catalogSyncControllers } from './http/catalog-syncs.resource.ts';
import { MappingController } from './http/mapping.controller.ts';
import { MappingExportController } from './http/mapping-export.controller.ts';
import { MappingImportsController } from './http/mapping-imports.controller.ts';
import { PartNumberController } from './http/part-number.controller.ts';
import { PartNumbersController } from './http/part-numbers.controller.ts';
import { ProductsController } from './http/products.controller.ts';
import { StartCatalogSyncController } from './http/start-catalog-sync.controller.ts';
import { ForgetUsesOnProviderSubscriptionEnded } from './messaging/forget-uses-on-provider-subscription-ended.handler.ts';
import { NoteUsesOnProviderSubscriptionAppeared } from './messaging/note-uses-on-provider-subscription-appeared.handler.ts';
import { NoteUsesOnProviderSubscriptionChanged } from './messaging/note-uses-on-provider-subscription-changed.handler.ts';
import { AnswerCountConnectorRecords } from './messaging/count-connector-records.answer.ts';
import { AnswerListPrices } from './messaging/list-prices.answer.ts';
import { AnswerNameProducts } from './messaging/name-products.answer.ts';
import { AnswerResolvePartNumber } from './messaging/resolve-part-number.answer.ts';
import { CatalogRecords } from './persistence/connector-records.ts';
import { dueSyncs } from './persistence/due-syncs.ts';
import { ImportStore } from './persistence/store-import.ts';
import { phasesOf, planMirrors } from './phases/phases-of.ts';

/** API and worker in one process: a catalogue is read once a day, with a call for every 500 products. */
@Module({
  controllers: [
    ProductsController,
    PartNumbersController,
    AliasesController,
    PartNumberController,
    MappingController,
    MappingImportsController,
    MappingExportController,
    StartCatalogSyncController,
    ...catalogSyncControllers,
    AnswerCountConnectorRecords,
    AnswerListPrices,
    AnswerNameProducts,
    AnswerResolvePartNumber,
    NoteUsesOnProviderSubscriptionAppeared,
    NoteUsesOnProviderSubscriptionChanged,
    ForgetUsesOnProviderSubscriptionEnded,
    KeepConnectorOnConnectorCreated,
    UpdateConnectorOnConnectorChanged,
    StopSyncingOnConnectorPaused,
    ResumeSyncingOnConnectorResumed,
    EndRecordsOnConnectorRemoved,
  ],
  providers: [
    ImportStore,
    ConnectorLookup,
    { provide: ConnectorRecords, useClass: CatalogRecords },
    ...syncRuns(ProductCatalogEnv, catalogSyncMessages, (env) => env.PROGRESS_POLL_MS, planMirrors),
    ...syncWorker(ProductCatalogEnv, {
      due: CatalogSyncDue,
      tell: catalogSyncMessages,
      phasesOf,
      dueRuns: dueSyncs,
    }),
  ],
})
export class ProductCatalogModule {}

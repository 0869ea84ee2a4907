import { CatalogSyncDue } from '@isthmus/contracts';
import { type DatabaseOptions, IdempotencyKey, type ServiceOptions } from '@isthmus/service-kit';
import {
  ConnectorLookup,
  ConnectorRecords,
  EndRecordsOnConnectorRemoved,
  KeepConnectorOnConnectorCreated,
  ResumeSyncingOnConnectorResumed,
  StopSyncingOnConnectorPaused,
  syncRuns,
  syncTables,
  syncWorker,
  UpdateConnectorOnConnectorChanged,
} from '@isthmus/sync-engine';
import { Module } from '@nestjs/common';
import { ProductCatalogEnv } from './config.ts';
import {
  MappingExportController,
  MappingImportsController,
} from './mapping-files/mapping-files.controller.ts';
import { ImportStore, MappingImport, MappingImportRow } from './mapping-files/mapping-files.store.ts';
import { AliasesController } from './mappings/aliases.controller.ts';
import { MappingController } from './mappings/mappings.controller.ts';
import { PartNumberMapping } from './mappings/mappings.store.ts';
import { Migration0001FirstTables } from './migrations/migration-0001-first-tables.ts';
import { Migration0002PriceLists } from './migrations/migration-0002-price-lists.ts';
import { Migration0003Aliases } from './migrations/migration-0003-aliases.ts';
import { Migration0004RemovedConnectors } from './migrations/migration-0004-removed-connectors.ts';
import { Migration0009SyncPlans } from './migrations/migration-0009-sync-plans.ts';
import { PartNumberController, PartNumbersController } from './part-numbers/part-numbers.controller.ts';
import { AnswerNameProducts, AnswerResolvePartNumber } from './part-numbers/part-numbers.responder.ts';
import { KnownPartNumber } from './part-numbers/part-numbers.store.ts';
import {
  ForgetUsesOnProviderSubscriptionEnded,
  NoteUsesOnProviderSubscriptionAppeared,
  NoteUsesOnProviderSubscriptionChanged,
} from './part-numbers/subscription-uses.handler.ts';
import { SeenSubscription, SubscriptionUse } from './part-numbers/subscription-uses.store.ts';
import { PriceListEntry } from './products/prices.store.ts';
import { ProductsController } from './products/products.controller.ts';
import { AnswerCountConnectorRecords, AnswerListPrices } from './products/products.responder.ts';
import { Product } from './products/products.store.ts';
import { dueSyncs, phasesOf, planMirrors } from './sync/catalog-sync.phase.ts';
import { catalogSyncControllers, StartCatalogSyncController } from './sync/catalog-syncs.controller.ts';
import { CatalogRecords } from './sync/connector-records.store.ts';
import { catalogSyncMessages } from './sync/run-events.ts';

export const database: DatabaseOptions = {
  entities: [
    Product,
    PriceListEntry,
    PartNumberMapping,
    KnownPartNumber,
    SubscriptionUse,
    SeenSubscription,
    MappingImport,
    MappingImportRow,
    IdempotencyKey,
    ...syncTables,
  ],
  migrations: [
    Migration0001FirstTables,
    Migration0002PriceLists,
    Migration0003Aliases,
    Migration0004RemovedConnectors,
    Migration0009SyncPlans,
  ],
};

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

/** The service, as `main.ts` and the tests start it. */
export const productCatalogOptions: ServiceOptions<ProductCatalogEnv> = {
  service: 'product-catalog',
  title: 'Products and part numbers',
  description:
    'What CMP sells, as last read; which product each part number is; and what it costs since when.',
  module: ProductCatalogModule,
  config: ProductCatalogEnv,
  database,
  problems: {
    'connector.not-found': 404,
    'connector.paused': 409,
    'product.not-found': 404,
    'product.withdrawn': 409,
    'part-number.invalid': 400,
    'mapping.not-found': 404,
    'mapping.contradicts-product': 422,
    'mapping.is-alias': 409,
    'alias.refused': 409,
    'alias.preview-outdated': 409,
    'mapping-import.not-found': 404,
    'mapping-import.already-applied': 409,
    'mapping-import.file-not-usable': 422,
    'mapping-import.file-too-large': 413,
    'sync-run.not-found': 404,
    'sync-run.action-refused': 409,
    'sync-run.plan-outdated': 409,
  },
};

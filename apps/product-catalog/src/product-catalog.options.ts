import { auditTables, type DatabaseOptions, IdempotencyKey, type ServiceOptions } from '@isthmus/service-kit';
import { runBacklog, syncTables } from '@isthmus/sync-engine';
import { Module } from '@nestjs/common';
import { ProductCatalogEnv } from './config.ts';
import { MappingFilesModule } from './mapping-files/mapping-files.module.ts';
import { MappingImport, MappingImportRow } from './mapping-files/mapping-files.store.ts';
import { PartNumberMapping } from './mappings/mapping.entity.ts';
import { MappingsModule } from './mappings/mappings.module.ts';
import * as migrations from './migrations/migrations.ts';
import { KnownPartNumber, SeenSubscription, SubscriptionUse } from './part-numbers/part-number.entity.ts';
import { PartNumbersModule } from './part-numbers/part-numbers.module.ts';
import { PriceListEntry } from './products/prices.store.ts';
import { ProductsModule } from './products/products.module.ts';
import { Product } from './products/products.store.ts';
import { SyncModule } from './sync/sync.module.ts';

const database: DatabaseOptions = {
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
    ...auditTables,
  ],
  migrations: Object.values(migrations),
};

@Module({ imports: [ProductsModule, PartNumbersModule, MappingsModule, MappingFilesModule, SyncModule] })
class ProductCatalogModule {}

/** The service, as `main.ts` and the tests start it. */
export const productCatalogOptions: ServiceOptions<ProductCatalogEnv> = {
  service: 'product-catalog',
  title: 'Products and part numbers',
  description:
    "CMP's products as last read, the product that each part number resolves to, and prices with their effective dates.",
  module: ProductCatalogModule,
  config: ProductCatalogEnv,
  database,
  backlog: { 'catalog-sync': runBacklog },
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
    'sync-run.too-many': 409,
  },
};

import { IdempotencyKey, type DatabaseOptions } from '@isthmus/service-kit';
import { syncTables } from '@isthmus/sync-engine';
import { KnownPartNumber } from '../domain/known-part-number.entity.ts';
import { MappingImport } from '../domain/mapping-import.entity.ts';
import { MappingImportRow } from '../domain/mapping-import-row.entity.ts';
import { PartNumberMapping } from '../domain/part-number-mapping.entity.ts';
import { PriceListEntry } from '../domain/price-list-entry.entity.ts';
import { Product } from '../domain/product.entity.ts';
import { SeenSubscription } from '../domain/seen-subscription.entity.ts';
import { SubscriptionUse } from '../domain/subscription-use.entity.ts';
import { Migration0001FirstTables } from './migration-0001-first-tables.ts';
import { Migration0002PriceLists } from './migration-0002-price-lists.ts';
import { Migration0003Aliases } from './migration-0003-aliases.ts';
import { Migration0004RemovedConnectors } from './migration-0004-removed-connectors.ts';
import { Migration0009SyncPlans } from './migration-0009-sync-plans.ts';

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

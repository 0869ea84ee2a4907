import { IdempotencyKey, type DatabaseOptions } from '@isthmus/service-kit';
import { syncTables } from '@isthmus/sync-engine';
import { BillingContract } from '../domain/billing-contract.entity.ts';
import { OrderCursor } from '../domain/order-cursor.entity.ts';
import { ProviderAccount } from '../domain/provider-account.entity.ts';
import { ProviderOrder } from '../domain/provider-order.entity.ts';
import { ProviderSubscription } from '../domain/provider-subscription.entity.ts';
import { TenantAccount } from '../domain/tenant-account.entity.ts';
import { Migration0001FirstTables } from './migration-0001-first-tables.ts';
import { Migration0002OrderCursors } from './migration-0002-order-cursors.ts';

export const database: DatabaseOptions = {
  entities: [
    OrderCursor,
    ProviderAccount,
    ProviderSubscription,
    ProviderOrder,
    TenantAccount,
    BillingContract,
    IdempotencyKey,
    ...syncTables,
  ],
  migrations: [Migration0001FirstTables, Migration0002OrderCursors],
};

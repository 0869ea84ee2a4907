import { IdempotencyKey, type DatabaseOptions } from '@isthmus/service-kit';
import { syncTables } from '@isthmus/sync-engine';
import { BillingContract } from '../domain/billing-contract.entity.ts';
import { Connector } from '../domain/connector.entity.ts';
import { ProviderAccount } from '../domain/provider-account.entity.ts';
import { ProviderOrder } from '../domain/provider-order.entity.ts';
import { ProviderSubscription } from '../domain/provider-subscription.entity.ts';
import { TenantAccount } from '../domain/tenant-account.entity.ts';
import { Migration0001FirstTables } from './migration-0001-first-tables.ts';

export const database: DatabaseOptions = {
  entities: [
    Connector,
    ProviderAccount,
    ProviderSubscription,
    ProviderOrder,
    TenantAccount,
    BillingContract,
    IdempotencyKey,
    ...syncTables,
  ],
  migrations: [Migration0001FirstTables],
};

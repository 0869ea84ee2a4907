import { statementsOf } from '@isthmus/messaging';
import { auditTables, type DatabaseOptions, IdempotencyKey } from '@isthmus/service-kit';
import {
  type Connector,
  type SyncPlanBatch,
  type SyncRun,
  type SyncRunBatch,
  syncTables,
} from '@isthmus/sync-engine';
import { BillingContract, ProviderAccount, TenantAccount } from './accounts/account.entity.ts';
import { RatedDocument, RatedLine, RatedReport } from './invoices/invoice.entity.ts';
import * as migrations from './migrations/migrations.ts';
import { OrderCursor, ProviderOrder, ProviderSubscription } from './subscriptions/subscription.entity.ts';

export const database: DatabaseOptions = {
  entities: [
    OrderCursor,
    ProviderAccount,
    ProviderSubscription,
    ProviderOrder,
    TenantAccount,
    BillingContract,
    RatedReport,
    RatedDocument,
    RatedLine,
    IdempotencyKey,
    ...syncTables,
    ...auditTables,
  ],
  migrations: Object.values(migrations),
};

/** Query builder typed from the entities. */
export const statements = statementsOf<
  | typeof BillingContract
  | typeof Connector
  | typeof OrderCursor
  | typeof ProviderAccount
  | typeof ProviderOrder
  | typeof ProviderSubscription
  | typeof RatedDocument
  | typeof RatedLine
  | typeof RatedReport
  | typeof SyncPlanBatch
  | typeof SyncRun
  | typeof SyncRunBatch
  | typeof TenantAccount
>();

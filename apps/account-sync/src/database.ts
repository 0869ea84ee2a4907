import { type DatabaseOptions, IdempotencyKey } from '@isthmus/service-kit';
import {
  type Connector,
  type SyncPlanBatch,
  type SyncRun,
  type SyncRunBatch,
  syncTables,
} from '@isthmus/sync-engine';
import type { EntityManager, InferKyselyDB } from '@mikro-orm/postgresql';
import { BillingContract, ProviderAccount, TenantAccount } from './accounts/account.entity.ts';
import { RatedDocument, RatedLine, RatedReport } from './invoices/invoice.entity.ts';
import {
  Migration0001FirstTables,
  Migration0002OrderCursors,
  Migration0003RatedData,
  Migration0004ConnectorCountry,
  Migration0006AccountCreations,
  Migration0007UnreadOrders,
  Migration0008ReportFormats,
  Migration0009AnnouncedSubscriptions,
  Migration0010RemovedConnectors,
  Migration0011LinesOfOrders,
  Migration0012ClaimedRuns,
  Migration0030TenantPolicies,
} from './migrations/migrations.ts';
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
  ],
  migrations: [
    Migration0001FirstTables,
    Migration0002OrderCursors,
    Migration0003RatedData,
    Migration0004ConnectorCountry,
    Migration0006AccountCreations,
    Migration0007UnreadOrders,
    Migration0008ReportFormats,
    Migration0009AnnouncedSubscriptions,
    Migration0010RemovedConnectors,
    Migration0011LinesOfOrders,
    Migration0012ClaimedRuns,
    Migration0030TenantPolicies,
  ],
};

const naming = {
  tableNamingStrategy: 'entity',
  columnNamingStrategy: 'property',
  convertValues: true,
} as const;

type Tables = InferKyselyDB<
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
  | typeof TenantAccount,
  typeof naming
>;

/**
 * Statements typed by the entities, in the transaction of `em` if it is in one; each names its tenant. What expressions of SQL return
 * comes as the driver has it: a time as text.
 */
export const statements = (em: EntityManager) => em.getKysely<Tables, typeof naming>(naming);

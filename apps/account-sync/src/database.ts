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
import { Migration0001FirstTables } from './migrations/0001-first-tables.ts';
import { Migration0002OrderCursors } from './migrations/0002-order-cursors.ts';
import { Migration0003RatedData } from './migrations/0003-rated-data.ts';
import { Migration0004ConnectorCountry } from './migrations/0004-connector-country.ts';
import { Migration0006AccountCreations } from './migrations/0006-account-creations.ts';
import { Migration0007UnreadOrders } from './migrations/0007-unread-orders.ts';
import { Migration0008ReportFormats } from './migrations/0008-report-formats.ts';
import { Migration0009AnnouncedSubscriptions } from './migrations/0009-announced-subscriptions.ts';
import { Migration0010RemovedConnectors } from './migrations/0010-removed-connectors.ts';
import { Migration0011LinesOfOrders } from './migrations/0011-lines-of-orders.ts';
import { Migration0012ClaimedRuns } from './migrations/0012-claimed-runs.ts';
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

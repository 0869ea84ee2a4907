import { IdempotencyKey, type DatabaseOptions } from '@isthmus/service-kit';
import { syncTables } from '@isthmus/sync-engine';
import { BillingContract } from './billing-contracts/billing-contracts.store.ts';
import { OrderCursor, ProviderOrder } from './sync/orders/orders.store.ts';
import { ProviderAccount } from './accounts/accounts.store.ts';
import { ProviderSubscription } from './subscriptions/subscriptions.store.ts';
import { RatedDocument, RatedLine } from './invoices/import/rated-documents.store.ts';
import { RatedReport } from './invoices/rated-reports.store.ts';
import { TenantAccount } from './tenant-accounts/tenant-accounts.store.ts';
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
  ],
};

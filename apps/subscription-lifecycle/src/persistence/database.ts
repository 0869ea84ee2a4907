import { IdempotencyKey, type DatabaseOptions } from '@isthmus/service-kit';
import { Migration0001FirstTables } from './migration-0001-first-tables.ts';
import { Migration0002Quotes } from './migration-0002-quotes.ts';
import { Migration0003ScheduledChanges } from './migration-0003-scheduled-changes.ts';
import { Migration0004TraceOfOrder } from './migration-0004-trace-of-order.ts';
import { Migration0005WarningsByLine } from './migration-0005-warnings-by-line.ts';
import { Migration0006OrdersForRenewal } from './migration-0006-orders-for-renewal.ts';
import { Migration0007ProviderOrders } from './migration-0007-provider-orders.ts';
import { Migration0008OrdersThatWait } from './migration-0008-orders-that-wait.ts';
import { Migration0009Ownership } from './migration-0009-ownership.ts';

/** Orders and subscriptions are read and written by the statements beside this file; the ORM only carries their transactions. */
export const database: DatabaseOptions = {
  entities: [IdempotencyKey],
  migrations: [
    Migration0001FirstTables,
    Migration0002Quotes,
    Migration0003ScheduledChanges,
    Migration0004TraceOfOrder,
    Migration0005WarningsByLine,
    Migration0006OrdersForRenewal,
    Migration0007ProviderOrders,
    Migration0008OrdersThatWait,
    Migration0009Ownership,
  ],
};

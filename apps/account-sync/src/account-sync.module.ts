import type { ServiceOptions } from '@isthmus/service-kit';
import { runBacklog } from '@isthmus/sync-engine';
import { Module } from '@nestjs/common';
import { AccountsModule } from './accounts/accounts.module.ts';
import { BillingContractsModule } from './billing-contracts/billing-contracts.module.ts';
import { AccountSyncEnv } from './config.ts';
import { database } from './database.ts';
import { InvoicesModule } from './invoices/invoices.module.ts';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.ts';
import { SyncRunsModule } from './sync/sync-runs.module.ts';
import { TenantAccountsModule } from './tenant-accounts/tenant-accounts.module.ts';

/**
 * The API for users and other services, and the consumers of events. Schedules and sync runs belong to the worker
 * (`worker.module.ts`).
 */
@Module({
  imports: [
    SyncRunsModule,
    AccountsModule,
    SubscriptionsModule,
    TenantAccountsModule,
    BillingContractsModule,
    InvoicesModule,
  ],
})
export class AccountSyncModule {}

/** Options with which `main.ts` and the specs start the service. */
export const accountSyncOptions: ServiceOptions<AccountSyncEnv> = {
  service: 'account-sync',
  title: 'Accounts and sync runs',
  description: 'The mirror of CMP as last read, tenant accounts and links, and the runs that read CMP.',
  module: AccountSyncModule,
  config: AccountSyncEnv,
  database,
  backlog: { 'sync-run': runBacklog },
  problems: {
    'input.unusable-field': 422,
    'connector.not-found': 404,
    'connector.paused': 409,
    'provider-account.not-found': 404,
    'provider-account.gone': 409,
    'provider-account.name-taken': 409,
    'provider-account.refused-by-cmp': 422,
    'provider-account.creation-unclear': 503,
    'provider-account.cmp-away': 503,
    'tenant-account-file.not-usable': 422,
    'provider-account.sync-disabled': 409,
    'provider-account.contracts-depend-on-link': 409,
    'provider-subscription.not-found': 404,
    'tenant-account.not-found': 404,
    'tenant-account.in-use': 409,
    'billing-contract.not-found': 404,
    'billing-contract.no-linked-account': 409,
    'invoice.not-found': 404,
    'rated-line.not-found': 404,
    'rated-report.not-found': 404,
    'sync-run.not-found': 404,
    'sync-run.action-refused': 409,
    'sync-run.plan-outdated': 409,
    'sync-run.too-many': 409,
  },
};

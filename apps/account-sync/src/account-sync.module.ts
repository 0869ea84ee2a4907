import type { ServiceOptions } from '@isthmus/service-kit';
import {
  ConnectorLookup,
  ConnectorRecords,
  EndRecordsOnConnectorRemoved,
  KeepConnectorOnConnectorCreated,
  ResumeSyncingOnConnectorResumed,
  StopSyncingOnConnectorPaused,
  syncRuns,
  UpdateConnectorOnConnectorChanged,
} from '@isthmus/sync-engine';
import { Module } from '@nestjs/common';
import { ProviderAccountsController } from './accounts/accounts.controller.ts';
import {
  AnswerCountConnectorRecords,
  AnswerListProviderAccounts,
  AnswerReadProviderAccount,
} from './accounts/accounts.responder.ts';
import { BillingContractsController } from './billing-contracts/billing-contracts.controller.ts';
import { AccountSyncEnv } from './config.ts';
import { database } from './database.ts';
import {
  InvoicesController,
  RatedReportsController,
  ReportFormatsController,
} from './invoices/invoices.controller.ts';
import {
  AnswerListInvoiceLines,
  AnswerListInvoices,
  AnswerReadInvoice,
} from './invoices/invoices.responder.ts';
import { ProviderSubscriptionsController } from './subscriptions/subscriptions.controller.ts';
import { AccountRecords } from './sync/connector-records.store.ts';
import { ReadSubscriptionOnOrderSettled } from './sync/order-settled.handler.ts';
import { syncRunMessages } from './sync/run-events.ts';
import { planMirrors } from './sync/subscriptions/subscription-details.service.ts';
import { StartSyncRunController, syncRunControllers } from './sync/sync-runs.controller.ts';
import { AccountLinkController } from './tenant-accounts/account-links.controller.ts';
import { TenantAccountsController } from './tenant-accounts/tenant-accounts.controller.ts';

/** The API: its ways in are people and connector-config's events. The clock and the work queue are the worker's. */
@Module({
  controllers: [
    StartSyncRunController,
    ...syncRunControllers,
    ProviderAccountsController,
    AccountLinkController,
    ProviderSubscriptionsController,
    TenantAccountsController,
    BillingContractsController,
    InvoicesController,
    RatedReportsController,
    ReportFormatsController,
    AnswerListInvoices,
    AnswerReadInvoice,
    AnswerListInvoiceLines,
    AnswerListProviderAccounts,
    AnswerReadProviderAccount,
    AnswerCountConnectorRecords,
    ReadSubscriptionOnOrderSettled,
    KeepConnectorOnConnectorCreated,
    UpdateConnectorOnConnectorChanged,
    StopSyncingOnConnectorPaused,
    ResumeSyncingOnConnectorResumed,
    EndRecordsOnConnectorRemoved,
  ],
  providers: [
    ...syncRuns(AccountSyncEnv, syncRunMessages, (env) => env.PROGRESS_POLL_MS, planMirrors),
    ConnectorLookup,
    { provide: ConnectorRecords, useClass: AccountRecords },
  ],
})
export class AccountSyncModule {}

/** The API, as `main.ts` and the tests start it; the worker beside it is in worker.options.ts. */
export const accountSyncOptions: ServiceOptions<AccountSyncEnv> = {
  service: 'account-sync',
  title: 'Accounts and sync runs',
  description: 'What CMP has, as last read; whose it is; and the runs that read it.',
  module: AccountSyncModule,
  config: AccountSyncEnv,
  database,
  problems: {
    'connector.not-found': 404,
    'connector.paused': 409,
    'provider-account.not-found': 404,
    'provider-account.gone': 409,
    'provider-account.sync-disabled': 409,
    'provider-subscription.not-found': 404,
    'tenant-account.not-found': 404,
    'billing-contract.not-found': 404,
    'billing-contract.no-linked-account': 409,
    'invoice.not-found': 404,
    'rated-report.not-found': 404,
    'sync-run.not-found': 404,
    'sync-run.action-refused': 409,
    'sync-run.plan-outdated': 409,
  },
};

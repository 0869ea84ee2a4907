import { Module } from '@nestjs/common';
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
import { AccountSyncEnv } from './config.ts';
import { AccountLinkController } from './http/account-link.controller.ts';
import { BillingContractsController } from './http/billing-contracts.controller.ts';
import { InvoicesController } from './http/invoices.controller.ts';
import { ProviderAccountsController } from './http/provider-accounts.controller.ts';
import { ProviderSubscriptionsController } from './http/provider-subscriptions.controller.ts';
import { RatedReportsController } from './http/rated-reports.controller.ts';
import { ReportFormatsController } from './http/report-formats.controller.ts';
import { StartSyncRunController } from './http/start-sync-run.controller.ts';
import { syncRunControllers } from './http/sync-runs.resource.ts';
import { TenantAccountsController } from './http/tenant-accounts.controller.ts';
import { AnswerCountConnectorRecords } from './messaging/count-connector-records.answer.ts';
import { AnswerListProviderAccounts } from './messaging/list-provider-accounts.answer.ts';
import { AnswerReadProviderAccount } from './messaging/read-provider-account.answer.ts';
import { AnswerListInvoiceLines } from './messaging/list-invoice-lines.answer.ts';
import { AnswerListInvoices } from './messaging/list-invoices.answer.ts';
import { AnswerReadInvoice } from './messaging/read-invoice.answer.ts';
import { ReadSubscriptionOnOrderSettled } from './messaging/read-subscription-on-order-settled.handler.ts';
import { planMirrors } from './phases/plan-mirrors.ts';
import { AccountRecords } from './persistence/connector-records.ts';
import { syncRunMessages } from './sync-run-messages.ts';

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

import type { ServiceOptions } from '@isthmus/service-kit';
import { AccountSyncModule } from './account-sync.module.ts';
import { AccountSyncEnv } from './config.ts';
import { database } from './database.ts';

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

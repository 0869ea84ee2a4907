import { SyncRunDue } from '@isthmus/contracts';
import { type ServiceOptions, TenantStore } from '@isthmus/service-kit';
import { syncWorker } from '@isthmus/sync-engine';
import { Module } from '@nestjs/common';
import { AccountCreations } from './accounts/account-creations.store.ts';
import { AnswerCreateProviderAccount } from './accounts/accounts.responder.ts';
import { database } from './database.ts';
import { syncRunMessages } from './sync/run-events.ts';
import { phasesOf } from './sync/sync-run.phase.ts';
import { dueRuns } from './sync/sync-runs.store.ts';
import { WorkerEnv } from './worker.config.ts';

/** The worker: the work queue, the clock, and the one question that needs CMP, which only this program may call. */
@Module({
  controllers: [AnswerCreateProviderAccount],
  providers: [
    ...syncWorker(WorkerEnv, { due: SyncRunDue, tell: syncRunMessages, phasesOf, dueRuns }),
    TenantStore,
    AccountCreations,
  ],
})
export class WorkerModule {}

/** The sync worker: the same service as the API, with the same database, as a process of its own. */
export const workerOptions: ServiceOptions<WorkerEnv> = {
  service: 'account-sync',
  module: WorkerModule,
  config: WorkerEnv,
  database,
  http: 'health-only',
};

import { TenantStore, type ServiceOptions } from '@isthmus/service-kit';
import { runBacklog, syncWorker } from '@isthmus/sync-engine';
import { Module } from '@nestjs/common';
import { AccountCreations } from './accounts/account-creations.store.ts';
import { AccountCreationResponder } from './accounts/accounts.responder.ts';
import { database } from './database.ts';
import { runEvents } from './sync/sync-run.events.ts';
import { phasesOf } from './sync/run.phase.ts';
import { dueRuns } from './sync/sync-runs.store.ts';
import { WorkerEnv } from './worker.config.ts';

/** The worker: sync runs, their schedule, and the one request that needs CMP, which only this program may call. */
@Module({
  controllers: [AccountCreationResponder],
  providers: [...syncWorker(WorkerEnv, { runEvents, phasesOf, dueRuns }), TenantStore, AccountCreations],
})
export class WorkerModule {}

/** Part of the same service as the API, with the same database, but a separate process. */
export const workerOptions: ServiceOptions<WorkerEnv> = {
  service: 'account-sync',
  module: WorkerModule,
  config: WorkerEnv,
  database,
  backlog: { 'sync-run': runBacklog },
  http: 'health-only',
};

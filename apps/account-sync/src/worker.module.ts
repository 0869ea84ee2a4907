import { Module } from '@nestjs/common';
import { SyncRunDue } from '@isthmus/contracts';
import { TenantStore } from '@isthmus/service-kit';
import { syncWorker } from '@isthmus/sync-engine';
import { AnswerCreateProviderAccount } from './messaging/create-provider-account.answer.ts';
import { AccountCreations } from './persistence/account-creations.ts';
import { dueRuns } from './persistence/due-runs.ts';
import { phasesOf } from './phases/phases-of.ts';
import { syncRunMessages } from './sync-run-messages.ts';
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

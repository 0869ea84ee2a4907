import { Module } from '@nestjs/common';
import { SyncRunDue } from '@isthmus/contracts';
import { syncWorker } from '@isthmus/sync-engine';
import { dueRuns } from './persistence/due-runs.ts';
import { phasesOf } from './phases/phases-of.ts';
import { syncRunMessages } from './sync-run-messages.ts';
import { WorkerEnv } from './worker.config.ts';

/** The worker: two ways in, the work queue and the clock. */
@Module({ providers: syncWorker(WorkerEnv, { due: SyncRunDue, tell: syncRunMessages, phasesOf, dueRuns }) })
export class WorkerModule {}

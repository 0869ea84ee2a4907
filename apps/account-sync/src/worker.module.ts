import { Module } from '@nestjs/common';
import { CmpConnections } from './cmp-connections.ts';
import { ScheduleRuns } from './jobs/schedule-runs.job.ts';
import { WorkOnRuns } from './jobs/work-on-runs.job.ts';

/** The worker: two ways in, the work queue and the clock. */
@Module({ providers: [CmpConnections, WorkOnRuns, ScheduleRuns] })
export class WorkerModule {}

import type { Provider } from '@nestjs/common';
import { WorkQueue } from '@isthmus/messaging';
import { Pool } from 'pg';
import { CmpConnections } from './cmp-connections.ts';
import { keyRingOf } from './key-ring.provider.ts';
import { ScheduleRuns } from './schedule-runs.ts';
import type { SyncWorkerEnv } from './sync-worker.env.ts';
import type { SyncWork } from './sync-work.ts';
import { WorkOnRuns } from './work-on-runs.ts';

/** Everything a process needs to work on a service's runs: CMP's connections, the work queue, the clock. */
export function syncWorker<E extends SyncWorkerEnv>(env: new () => E, work: SyncWork<E>): Provider[] {
  return [
    keyRingOf(env),
    CmpConnections,
    {
      provide: WorkOnRuns,
      useFactory: (queue: WorkQueue, pool: Pool, connections: CmpConnections, settings: E) =>
        new WorkOnRuns(queue, settings, work.due, {
          pool,
          tell: work.tell,
          // Somebody waits for a run with a target; the others have time.
          openCmp: (run) => connections.open(run, run.target ? 'interactive' : 'sync'),
          phasesOf: (run) => work.phasesOf(pool, run, settings),
          pauseConnector: (run, { failure }) => connections.pause(run, failure),
        }),
      inject: [WorkQueue, Pool, CmpConnections, env],
    },
    {
      provide: ScheduleRuns,
      useFactory: (pool: Pool, settings: E) =>
        new ScheduleRuns(
          pool,
          work.tell,
          () => work.dueRuns(pool, settings),
          settings.SCHEDULE_EVERY_MS,
          settings.APPROVAL_REMINDER_HOURS,
        ),
      inject: [Pool, env],
    },
  ];
}

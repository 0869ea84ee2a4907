import type { ServiceOptions } from '@isthmus/service-kit';
import { database } from './database.ts';
import { WorkerEnv } from './worker.config.ts';
import { WorkerModule } from './worker.module.ts';

/** The sync worker: the same service as the API, with the same database, as a process of its own. */
export const workerOptions: ServiceOptions<WorkerEnv> = {
  service: 'account-sync',
  module: WorkerModule,
  config: WorkerEnv,
  database,
  http: 'health-only',
};

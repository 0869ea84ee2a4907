import { ServiceEnv } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

/** Settings of the API; those of the worker are in worker.config.ts. */
export class AccountSyncEnv extends ServiceEnv {
  /** How often a run is checked for each client that follows its progress. */
  @Type(() => Number) @IsInt() @Min(50) @Max(500) PROGRESS_POLL_MS: number = 400;
  /** How many runs of a tenant that people started may be open at once. */
  @Type(() => Number) @IsInt() @Min(1) RUNS_PER_TENANT: number = 100;
}

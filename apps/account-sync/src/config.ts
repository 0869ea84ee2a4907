import { ServiceEnv } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

/** Settings of the API; those of the worker are in worker.config.ts. */
export class AccountSyncEnv extends ServiceEnv {
  /** Interval at which progress is polled for each client that follows a run. */
  @Type(() => Number) @IsInt() @Min(50) @Max(500) PROGRESS_POLL_MS: number = 400;
  /** Maximum number of open runs per tenant that were started by users. */
  @Type(() => Number) @IsInt() @Min(1) RUNS_PER_TENANT: number = 100;
}

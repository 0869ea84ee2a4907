import { ServiceEnv } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { IsInt, IsNumber, Max, Min } from 'class-validator';

/** Settings of every process that works on runs. */
export class SyncWorkerEnv extends ServiceEnv {
  /** Runs worked on at once by this process. */
  @Type(() => Number) @IsInt() @Min(1) @Max(64) SYNC_CONCURRENCY: number = 4;
  /** A run may always end this many live records … */
  @Type(() => Number) @IsInt() @Min(0) BREAKER_ROWS: number = 5;
  /** … and beyond that this share of them, before it asks for approval. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(1) BREAKER_SHARE: number = 0.1;
  /** How often the schedule is looked at. */
  @Type(() => Number) @IsInt() @Min(100) SCHEDULE_EVERY_MS: number = 1_000;
}

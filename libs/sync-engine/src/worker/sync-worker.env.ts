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
  /** A run may always take away this many seats from live subscriptions … */
  @Type(() => Number) @IsInt() @Min(0) BREAKER_SEATS: number = 50;
  /** … and beyond that this share of the live seats, before it asks for approval. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(1) BREAKER_SEAT_SHARE: number = 0.1;
  /** How often people are reminded of a run that waits for approval, in hours; 0 is never. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(8760) APPROVAL_REMINDER_HOURS: number = 24;
  /** How often the schedule is looked at. */
  @Type(() => Number) @IsInt() @Min(100) SCHEDULE_EVERY_MS: number = 1_000;
}

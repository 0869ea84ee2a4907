import { SyncWorkerEnv } from '@isthmus/sync-engine';
import { Type } from 'class-transformer';
import { IsInt, IsNumber, Max, Min } from 'class-validator';

/** Settings of the sync worker. */
export class WorkerEnv extends SyncWorkerEnv {
  /** Details asked for at once within one run. */
  @Type(() => Number) @IsInt() @Min(1) @Max(20) DETAILS_AT_ONCE: number = 8;
  /** A run stops reading details after this long; the next one goes on. */
  @Type(() => Number) @IsNumber() @Min(0.01) DETAILS_MAX_MINUTES: number = 50;
  /** Every live subscription's detail is confirmed at least every so many days. */
  @Type(() => Number) @IsNumber() @Min(0.01) SCRUB_DAYS: number = 7;
  /** How far a connector's very first tick looks back over its orders. */
  @Type(() => Number) @IsInt() @Min(0) ORDER_HISTORY_DAYS: number = 30;
}

import { ServiceEnv } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

export class SubscriptionLifecycleEnv extends ServiceEnv {
  /** Orders worked on at the same time by one process; 0 leaves them to others. */
  @Type(() => Number) @IsInt() @Min(0) @Max(50) ORDER_WORKERS: number = 4;
  /** How often a worker without work looks for some. */
  @Type(() => Number) @IsInt() @Min(50) @Max(60_000) ORDER_POLL_MS: number = 1_000;
}

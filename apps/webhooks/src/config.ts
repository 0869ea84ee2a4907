import { ServiceEnv } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { IsInt, IsNumber, Matches, Max, Min } from 'class-validator';

const aDay = 86_400;

export class WebhooksEnv extends ServiceEnv {
  /** Pause before each attempt, in seconds; as many attempts as there are numbers. The default: 8 over 28 hours. */
  @Matches(/^\d+(\.\d+)?(,\d+(\.\d+)?){0,19}$/, {
    message: 'WEBHOOK_RETRY_SECONDS must be 1 to 20 numbers separated by commas, such as 0,5,300',
  })
  WEBHOOK_RETRY_SECONDS: string = '0,5,300,1800,7200,18000,36000,36000';
  /** How long an endpoint may take to answer. */
  @Type(() => Number) @IsInt() @Min(100) @Max(60_000) WEBHOOK_TIMEOUT_MS: number = 15_000;
  /** Requests under way at the same time, of one process; 0 leaves delivering to others. */
  @Type(() => Number) @IsInt() @Min(0) @Max(5_000) WEBHOOK_CONCURRENCY: number = 200;
  /** Requests under way at the same time to one endpoint. One that is failing gets one. */
  @Type(() => Number) @IsInt() @Min(1) @Max(100) WEBHOOK_ENDPOINT_CONCURRENCY: number = 4;
  /** How often is looked for what is due. */
  @Type(() => Number) @IsInt() @Min(10) @Max(60_000) WEBHOOK_POLL_MS: number = 1_000;
  /** How long an endpoint belongs to the process that delivers to it, when that is not heard of any more. */
  @Type(() => Number) @IsInt() @Min(1_000) @Max(600_000) WEBHOOK_LEASE_MS: number = 30_000;
  /** `endpoint-failing` is said of an endpoint that failed for so long. */
  @Type(() => Number) @IsNumber() @Min(0) WEBHOOK_FAILING_SECONDS: number = 1_800;
  /** An endpoint that failed for so long is disabled. */
  @Type(() => Number) @IsNumber() @Min(0) WEBHOOK_DISABLE_SECONDS: number = 5 * aDay;
  /** How long the secret before the newest one goes on signing. */
  @Type(() => Number) @IsNumber() @Min(0) WEBHOOK_SECRET_OVERLAP_SECONDS: number = aDay;
  /** Events and their deliveries are kept for so long. */
  @Type(() => Number) @IsInt() @Min(1) @Max(3_650) WEBHOOK_KEEP_DAYS: number = 30;
  /** Endpoints a tenant may have. */
  @Type(() => Number) @IsInt() @Min(1) WEBHOOK_MAX_ENDPOINTS: number = 50;

  /** WEBHOOK_RETRY_SECONDS in milliseconds. */
  get retrySchedule(): number[] {
    return this.WEBHOOK_RETRY_SECONDS.split(',').map((seconds) => Number(seconds) * 1000);
  }
}

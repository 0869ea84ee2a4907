import { ServiceEnv } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { IsInt, IsNumber, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

const secondsPerDay = 86_400;

export class WebhooksEnv extends ServiceEnv {
  /** Key ring of the signing secrets, and of nothing else: `{"current":"k1","keys":{"k1":"<base64, 32 bytes>"}}`. This or its file is needed. */
  @IsOptional() @IsString() WEBHOOK_SECRET_RING?: string;
  /** A file with the same JSON as WEBHOOK_SECRET_RING; used when that is not set. */
  @IsOptional() @IsString() WEBHOOK_SECRET_RING_FILE?: string;
  /** Delay before each attempt, in seconds; the number of values is the number of attempts. Default: 8 attempts over 28 hours. */
  @Matches(/^\d+(\.\d+)?(,\d+(\.\d+)?){0,19}$/, {
    message: 'WEBHOOK_RETRY_SECONDS must be 1 to 20 numbers separated by commas, such as 0,5,300',
  })
  WEBHOOK_RETRY_SECONDS: string = '0,5,300,1800,7200,18000,36000,36000';
  /** Timeout for the response of an endpoint. */
  @Type(() => Number) @IsInt() @Min(100) @Max(60_000) WEBHOOK_TIMEOUT_MS: number = 15_000;
  /** Concurrent requests of one process; 0 leaves deliveries to other processes. */
  @Type(() => Number) @IsInt() @Min(0) @Max(5_000) WEBHOOK_CONCURRENCY: number = 200;
  /** Concurrent requests to one endpoint. A failing endpoint gets one at a time. */
  @Type(() => Number) @IsInt() @Min(1) @Max(100) WEBHOOK_ENDPOINT_CONCURRENCY: number = 4;
  /** Interval at which due deliveries are looked up. */
  @Type(() => Number) @IsInt() @Min(10) @Max(60_000) WEBHOOK_POLL_MS: number = 1_000;
  /** Time for which an endpoint remains leased to a process that has stopped reporting. */
  @Type(() => Number) @IsInt() @Min(1_000) @Max(600_000) WEBHOOK_LEASE_MS: number = 30_000;
  /** `endpoint-degraded` is published after an endpoint has failed for this long. */
  @Type(() => Number) @IsNumber() @Min(0) WEBHOOK_FAILING_SECONDS: number = 1_800;
  /** An endpoint that has failed for this long is disabled. */
  @Type(() => Number) @IsNumber() @Min(0) WEBHOOK_DISABLE_SECONDS: number = 5 * secondsPerDay;
  /** Time for which requests are also signed with the previous secret after a rotation. */
  @Type(() => Number) @IsNumber() @Min(0) WEBHOOK_SECRET_OVERLAP_SECONDS: number = secondsPerDay;
  /** Number of days for which events and their deliveries are retained. */
  @Type(() => Number) @IsInt() @Min(1) @Max(3_650) WEBHOOK_KEEP_DAYS: number = 30;
  /** How often new events are looked up for each client that follows them. */
  @Type(() => Number) @IsInt() @Min(50) @Max(10_000) EVENT_STREAM_POLL_MS: number = 500;
  /** The maximum number of endpoints per tenant. */
  @Type(() => Number) @IsInt() @Min(1) WEBHOOK_MAX_ENDPOINTS: number = 50;

  /** WEBHOOK_RETRY_SECONDS in milliseconds. */
  get retrySchedule(): number[] {
    return this.WEBHOOK_RETRY_SECONDS.split(',').map((seconds) => Number(seconds) * 1000);
  }
}

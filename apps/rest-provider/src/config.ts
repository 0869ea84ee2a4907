import { ServiceEnv } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsNumber, IsOptional, IsUrl, Max, Min } from 'class-validator';
import { type PhoneFormat, phoneFormats } from './customers/customer-rules.ts';

export class RestProviderEnv extends ServiceEnv {
  /** Time that a write waits for CMP before it responds "as ordered". */
  @Type(() => Number) @IsInt() @Min(0) @Max(600_000) WRITE_WAIT_MS: number = 25_000;
  /** An identical purchase within this time after the first one ended is treated as a repetition of it. */
  @Type(() => Number) @IsNumber() @Min(0) @Max(720) REPEAT_WINDOW_HOURS: number = 24;
  /**
   * A change that was carried out within this time and has since been followed by another one is treated as a late
   * repetition; 0 means never.
   */
  @Type(() => Number) @IsInt() @Min(0) @Max(10_080) LATE_CHANGE_MINUTES: number = 60;
  /**
   * Maximum time for which the owner of an API key is cached; a revocation takes effect immediately, unless NATS is unavailable.
   */
  @Type(() => Number) @IsInt() @Min(0) @Max(30_000) API_KEY_CACHE_MS: number = 30_000;
  /** CMP's format of phone numbers: `e164` (`+19495551234`) or `split` (`1##9495551234#`). */
  @IsIn(phoneFormats) CMP_PHONE_FORMAT: PhoneFormat = 'e164';
  /** Interval at which writes that outlived their request are followed up; 0 leaves them to other processes. */
  @Type(() => Number) @IsInt() @Min(0) @Max(3_600_000) FOLLOW_MS: number = 5_000;
  /** Days for which calls of Work 365 are kept, for users. */
  @Type(() => Number) @IsInt() @Min(1) @Max(3_650) WORK365_CALL_KEEP_DAYS: number = 30;
  /** The address at which Work 365 reaches this service, for users to copy into its field `EndPointUrl`. */
  @IsOptional()
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  WORK365_ENDPOINT_URL?: string;
}

import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { ServiceEnv } from '@isthmus/service-kit';

export class ConnectorConfigEnv extends ServiceEnv {
  /** Time limit for a connection check (Verify Connectivity) as a whole. */
  @Type(() => Number) @IsInt() @Min(500) @Max(60_000) VERIFY_DEADLINE_MS: number = 10_000;
}

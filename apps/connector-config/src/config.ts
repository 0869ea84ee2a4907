import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { ConnectorSecretsEnv } from '@isthmus/service-kit';

export class ConnectorConfigEnv extends ConnectorSecretsEnv {
  /** Time limit for a connection check (Verify Connectivity) as a whole. */
  @Type(() => Number) @IsInt() @Min(500) @Max(60_000) VERIFY_DEADLINE_MS: number = 10_000;
  /** The most connectors that a tenant may have; removed ones do not count. */
  @Type(() => Number) @IsInt() @Min(1) CONNECTORS_PER_TENANT: number = 100;
  /** The most active API keys of one connector … */
  @Type(() => Number) @IsInt() @Min(1) API_KEYS_PER_CONNECTOR: number = 20;
  /** … and of all connectors of a tenant. */
  @Type(() => Number) @IsInt() @Min(1) API_KEYS_PER_TENANT: number = 200;
}

import { Type } from 'class-transformer';
import { IsOptional, IsUUID, Length, MaxLength, ValidateNested } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { ConnectorChangedV1 } from './connector-changed.v1.ts';

/** Why a connector is paused. */
export class ConnectorPauseV1 {
  /** A machine code, such as `credentials-refused`. */
  @Length(1, 100) cause!: string;
  @MaxLength(2000) detail!: string;
  @MaxLength(2000) nextStep!: string;
}

/** A connector's settings at its present version, as its events carry them. */
export class ConnectorSettingsV1 extends ConnectorChangedV1 {
  @IsOptional() @ValidateNested() @Type(() => ConnectorPauseV1) paused?: ConnectorPauseV1;
}

/** The answer to ReadConnector; without `connector` the tenant has none of this id, or it was removed. */
export class ReadConnectorAnswer {
  @IsOptional() @ValidateNested() @Type(() => ConnectorSettingsV1) connector?: ConnectorSettingsV1;
}

@Ask({
  subject: 'ask.connector-config.read-connector',
  service: 'connector-config',
  summary: 'A connector as it is now, for a service that its events have not reached yet. No secrets.',
})
export class ReadConnector {
  static readonly answer = ReadConnectorAnswer;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
}

import { IsIn, IsUUID, Length, MaxLength } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { connectorStatuses, type ConnectorStatus } from './connector-status.ts';

/** The answer to PauseConnector: how the connector stands now. */
export class PausedConnector {
  @IsIn(connectorStatuses) status!: ConnectorStatus;
}

@Ask({
  subject: 'ask.connector-config.pause-connector',
  service: 'connector-config',
  summary: 'Stop using a connector because CMP refuses it, and tell people why.',
})
export class PauseConnector {
  static readonly answer = PausedConnector;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
  /** A machine code, such as `credentials-refused`. */
  @Length(1, 100) cause!: string;
  @MaxLength(2000) detail!: string;
  @MaxLength(2000) nextStep!: string;
}

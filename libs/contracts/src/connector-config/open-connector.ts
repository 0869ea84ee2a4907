import { IsUUID } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { OpenedConnector } from './opened-connector.ts';

@Ask({
  subject: 'ask.connector-config.open-connector',
  service: 'connector-config',
  summary: 'What a service needs to reach CMP for a connector; the secrets stay sealed.',
})
export class OpenConnector {
  static readonly answer = OpenedConnector;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
}

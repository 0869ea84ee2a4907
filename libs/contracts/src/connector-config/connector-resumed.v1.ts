import { IsUUID, Length } from 'class-validator';
import { Event } from '../event-contract.ts';

@Event({
  subject: 'connector-config.connector-resumed.v1',
  producer: 'connector-config',
  aggregate: 'connector',
  summary: 'A paused connector is in use again.',
})
export class ConnectorResumedV1 {
  @IsUUID() connectorId!: string;
  @Length(1, 200) name!: string;
  @Length(1, 200) by!: string;
}

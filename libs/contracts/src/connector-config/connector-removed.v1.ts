import { IsUUID, Length } from 'class-validator';
import { Event } from '../event-contract.ts';

@Event({
  subject: 'connector-config.connector-removed.v1',
  producer: 'connector-config',
  aggregate: 'connector',
  summary: 'A connector and its credentials are gone; what was read through it is no longer kept up to date.',
})
export class ConnectorRemovedV1 {
  @IsUUID() connectorId!: string;
  @Length(1, 200) name!: string;
  @Length(1, 200) by!: string;
}

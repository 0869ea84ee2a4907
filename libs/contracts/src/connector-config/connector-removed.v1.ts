import { IsBoolean, IsOptional, IsUUID, Length } from 'class-validator';
import { Event } from '../event-contract.ts';

@Event({
  subject: 'connector-config.connector-removed.v1',
  producer: 'connector-config',
  aggregate: 'connector',
  summary:
    'A connector and its credentials are gone. What was read through it has ended here; at CMP nothing was cancelled.',
})
export class ConnectorRemovedV1 {
  @IsUUID() connectorId!: string;
  @Length(1, 200) name!: string;
  @Length(1, 200) by!: string;
  /** True when it was removed although orders were under way or could not be counted. */
  @IsOptional() @IsBoolean() forced?: boolean;
}

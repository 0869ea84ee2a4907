import { IsBoolean, IsUUID, Length, MaxLength } from 'class-validator';
import { Event } from '../event-contract.ts';

@Event({
  subject: 'connector-config.connector-paused.v1',
  producer: 'connector-config',
  aggregate: 'connector',
  summary: 'Nothing is read from or ordered at CMP for this connector until it is resumed.',
})
export class ConnectorPausedV1 {
  @IsUUID() connectorId!: string;
  @Length(1, 200) name!: string;
  /** True when a service paused it because of what CMP answered. */
  @IsBoolean() automatic!: boolean;
  /** A machine code, such as `credentials-refused`. */
  @Length(1, 100) cause!: string;
  /** One sentence for people: what happened. */
  @MaxLength(2000) detail!: string;
  /** One sentence for people: what to do about it. */
  @MaxLength(2000) nextStep!: string;
  /** The person's subject, or the service's name. */
  @Length(1, 200) by!: string;
}

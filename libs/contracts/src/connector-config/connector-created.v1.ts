import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsOptional,
  IsUUID,
  Length,
  Matches,
  Min,
  ValidateNested,
} from 'class-validator';
import { Event } from '../event-contract.ts';
import { ConnectorCallLimitV1 } from './connector-call-limit.ts';
import { ConnectorScheduleV1 } from './connector-schedule.ts';
import { connectorStatuses, type ConnectorStatus } from './connector-status.ts';

@Event({
  subject: 'connector-config.connector-created.v1',
  producer: 'connector-config',
  aggregate: 'connector',
  summary:
    'A connector was set up, or a removed one was set up again with its id; its credentials can be opened with OpenConnector.',
})
export class ConnectorCreatedV1 {
  @IsUUID() connectorId!: string;
  @Length(1, 200) name!: string;
  @Length(1, 500) apiUrl!: string;
  @Length(1, 64) marketplace!: string;
  @Matches(/^[A-Z]{2}$/) country!: string;
  @Matches(/^[A-Z]{3}$/) currency!: string;
  /** The reseller's own account id at CMP. */
  @Length(1, 64) accountId!: string;
  @IsIn(connectorStatuses) status!: ConnectorStatus;
  @IsDefined() @ValidateNested() @Type(() => ConnectorScheduleV1) schedule!: ConnectorScheduleV1;
  @IsDefined() @ValidateNested() @Type(() => ConnectorCallLimitV1) callLimit!: ConnectorCallLimitV1;
  /** True when a removed connector of this id is back: what belongs to it is valid again once CMP lists it. */
  @IsOptional() @IsBoolean() restored?: boolean;
  @IsInt() @Min(1) version!: number;
}

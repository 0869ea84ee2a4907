import { Type } from 'class-transformer';
import {
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
import { ConnectorCallLimitV1 } from './connector-call-limit.ts';
import { PartnerAttestationV1 } from './partner-attestation.ts';
import { connectorStatuses, type ConnectorStatus } from './connector-status.ts';

/** A secret sealed with the key ring every service holds; worthless without it. */
export type SealedSecret = string;

/**
 * The credentials as they are stored: sealed. Each opens with `{tenantId, connectorId, field, version}`, where `field` is
 * its name here and `version` the one beside it.
 */
export class SealedCredentials {
  @Length(1, 10_000) password!: SealedSecret;
  @IsInt() @Min(1) passwordVersion!: number;
  @Length(1, 10_000) subscriptionKey!: SealedSecret;
  @IsInt() @Min(1) subscriptionKeyVersion!: number;
}

/** The answer to OpenConnector. */
export class OpenedConnector {
  @IsUUID() connectorId!: string;
  @Length(1, 200) name!: string;
  @IsIn(connectorStatuses) status!: ConnectorStatus;
  @Length(1, 500) apiUrl!: string;
  @Length(1, 200) username!: string;
  @Length(1, 64) marketplace!: string;
  @Length(1, 64) accountId!: string;
  @Matches(/^[A-Z]{2}$/) country!: string;
  @Matches(/^[A-Z]{3}$/) currency!: string;
  @IsDefined() @ValidateNested() @Type(() => ConnectorCallLimitV1) callLimit!: ConnectorCallLimitV1;
  /** Absent while nobody recorded it; orders that need it are refused. */
  @IsOptional() @ValidateNested() @Type(() => PartnerAttestationV1) partnerAttestation?: PartnerAttestationV1;
  @IsDefined() @ValidateNested() @Type(() => SealedCredentials) sealed!: SealedCredentials;
}

import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsUUID,
  Length,
  Matches,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ServiceRequest, Event } from '../contract.ts';
import { OrderGuardV1 } from './order-guard.ts';

export const connectorStatuses = ['active', 'paused'] as const;
export type ConnectorStatus = (typeof connectorStatuses)[number];

/** Intervals at which a connector is synced, in minutes; 0 disables a sync. */
export class ConnectorScheduleV1 {
  @IsInt() @Min(0) tickMinutes!: number;
  @IsInt() @Min(0) sweepMinutes!: number;
  @IsInt() @Min(0) accountsMinutes!: number;
}

const isKnown = (_: object, value: unknown): boolean => value !== null;

/** CMP's limit for this subscription key; null if it is not known and has to be discovered. */
export class ConnectorCallLimitV1 {
  @ValidateIf(isKnown) @IsInt() @Min(1) perMinute!: number | null;
  @ValidateIf(isKnown) @IsInt() @Min(1) perDay!: number | null;
}

/** Who attested, once for the connector, to being the partner of record of its customers. */
export class PartnerAttestationV1 {
  @Length(1, 200) by!: string;
  @IsISO8601({ strict: true }) at!: string;
}

/** A connector's settings, except for secrets. */
abstract class ConnectorFieldsV1 {
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
  /** Which of its orders need a quote or an approval; absent in events of an older connector-config. */
  @IsOptional() @ValidateNested() @Type(() => OrderGuardV1) orderGuard?: OrderGuardV1;
  @IsInt() @Min(1) version!: number;
}

@Event({
  eventType: 'connector-config.connector-created.v1',
  producer: 'connector-config',
  aggregate: 'connector',
  summary:
    'A connector was created, or a removed one was restored with its id; OpenConnector provides its credentials.',
})
export class ConnectorCreatedV1 extends ConnectorFieldsV1 {
  /** True when a removed connector of this id is back: what belongs to it is valid again once CMP lists it. */
  @IsOptional() @IsBoolean() restored?: boolean;
}

@Event({
  eventType: 'connector-config.connector-changed.v1',
  producer: 'connector-config',
  aggregate: 'connector',
  summary: 'The settings of a connector changed; the event has the new values, except for secrets.',
})
export class ConnectorChangedV1 extends ConnectorFieldsV1 {}

@Event({
  eventType: 'connector-config.connector-paused.v1',
  producer: 'connector-config',
  aggregate: 'connector',
  summary: 'A connector was paused: nothing is read from or ordered at CMP until it is resumed.',
})
export class ConnectorPausedV1 {
  @IsUUID() connectorId!: string;
  @Length(1, 200) name!: string;
  /** True when a service paused it because of a response of CMP. */
  @IsBoolean() automatic!: boolean;
  /** A machine code, such as `credentials-refused`. */
  @Length(1, 100) cause!: string;
  /** Human-readable description of what happened, in one sentence. */
  @MaxLength(2000) detail!: string;
  /** Human-readable next step, in one sentence. */
  @MaxLength(2000) nextStep!: string;
  /** The user's subject, or the service's name. */
  @Length(1, 200) by!: string;
}

@Event({
  eventType: 'connector-config.connector-resumed.v1',
  producer: 'connector-config',
  aggregate: 'connector',
  summary: 'A paused connector was resumed.',
})
export class ConnectorResumedV1 {
  @IsUUID() connectorId!: string;
  @Length(1, 200) name!: string;
  @Length(1, 200) by!: string;
}

@Event({
  eventType: 'connector-config.connector-removed.v1',
  producer: 'connector-config',
  aggregate: 'connector',
  summary:
    'A connector and its credentials were removed. Records that were read through it have ended here; nothing was cancelled at CMP.',
})
export class ConnectorRemovedV1 {
  @IsUUID() connectorId!: string;
  @Length(1, 200) name!: string;
  @Length(1, 200) by!: string;
  /** True if it was removed although orders were in progress or could not be counted. */
  @IsOptional() @IsBoolean() forced?: boolean;
}

/** A secret sealed with the key ring of the services that call CMP; worthless without it. */
export type SealedSecret = string;

/** The credentials: each sealed for this connector, address and user name (`credentialContext`), and with its version. */
export class SealedCredentials {
  @Length(1, 10_000) password!: SealedSecret;
  @IsInt() @Min(1) passwordVersion!: number;
  @Length(1, 10_000) subscriptionKey!: SealedSecret;
  @IsInt() @Min(1) subscriptionKeyVersion!: number;
}

/**
 * The context to which a credential is bound: it opens only with exactly the same values. They include address and user name, so
 * that an altered response or row cannot redirect the credentials.
 */
export function credentialContext(
  {
    tenantId,
    connectorId,
    apiUrl,
    username,
  }: Record<'tenantId' | 'connectorId' | 'apiUrl' | 'username', string>,
  field: 'password' | 'subscriptionKey',
  version: number,
) {
  return { tenantId, connectorId, field, version, recipient: [apiUrl, username] };
}

/** The response to OpenConnector. */
export class OpenConnectorResponse {
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
  /** Absent until it is recorded; orders that need it are rejected. */
  @IsOptional() @ValidateNested() @Type(() => PartnerAttestationV1) partnerAttestation?: PartnerAttestationV1;
  @IsDefined() @ValidateNested() @Type(() => SealedCredentials) sealed!: SealedCredentials;
}

@ServiceRequest({
  subject: 'rpc.connector-config.open-connector',
  service: 'connector-config',
  summary:
    'Returns the settings and credentials with which a service reaches CMP for a connector; the secrets remain sealed.',
})
export class OpenConnector {
  static readonly response = OpenConnectorResponse;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
  /**
   * The keys that the requester can open credentials with; they are wrapped with one of these, and bound to address and user
   * name. Without it they are as stored, for a requester that does not open them.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @Matches(/^[\w-]{1,32}$/, { each: true })
  keyIds?: string[];
}

/** The reason why a connector is paused. */
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

/** The response to ReadConnector; without `connector` the tenant has none of this id, or it was removed. */
export class ReadConnectorResponse {
  @IsOptional() @ValidateNested() @Type(() => ConnectorSettingsV1) connector?: ConnectorSettingsV1;
}

@ServiceRequest({
  subject: 'rpc.connector-config.read-connector',
  service: 'connector-config',
  summary:
    'Returns the current state of a connector, for a service that has not received its events yet. Contains no secrets.',
})
export class ReadConnector {
  static readonly response = ReadConnectorResponse;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
}

/** The response to PauseConnector: the connector's status now. */
export class PauseConnectorResponse {
  @IsIn(connectorStatuses) status!: ConnectorStatus;
}

@ServiceRequest({
  subject: 'rpc.connector-config.pause-connector',
  service: 'connector-config',
  summary: 'Pauses a connector because CMP rejects it, and publishes the reason.',
})
export class PauseConnector {
  static readonly response = PauseConnectorResponse;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
  /** A machine code, such as `credentials-refused`. */
  @Length(1, 100) cause!: string;
  @MaxLength(2000) detail!: string;
  @MaxLength(2000) nextStep!: string;
}

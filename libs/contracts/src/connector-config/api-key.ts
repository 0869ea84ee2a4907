import { Type } from 'class-transformer';
import { IsIn, IsInt, IsISO8601, IsOptional, IsUUID, Length, Matches, ValidateNested } from 'class-validator';
import { Event, ServiceRequest } from '../contract.ts';
import { isoPeriod } from '../values.ts';
import { type ConnectorStatus, connectorStatuses } from './connector.ts';

/**
 * The term for requests of Work 365 that contain only a billing frequency. Requests with a frequency that is absent here are
 * rejected.
 */
export class TermOfFrequencyV1 {
  @IsOptional() @Matches(isoPeriod) monthly?: string;
  @IsOptional() @Matches(isoPeriod) annual?: string;
  @IsOptional() @Matches(isoPeriod) triennial?: string;
}

export const fieldNameStyles = ['camelCase', 'PascalCase'] as const;
export type FieldNameStyle = (typeof fieldNameStyles)[number];

@Event({
  eventType: 'connector-config.api-key-revoked.v1',
  producer: 'connector-config',
  aggregate: 'api-key',
  summary: 'An API key was revoked: consumers that have cached its owner must drop it immediately.',
})
export class ApiKeyRevokedV1 {
  @IsUUID() apiKeyId!: string;
  @IsUUID() connectorId!: string;
  @Length(1, 100) label!: string;
  /** The user's subject. */
  @Length(1, 200) by!: string;
}

@Event({
  eventType: 'connector-config.api-key-expiry-announced.v1',
  producer: 'connector-config',
  aggregate: 'api-key',
  summary:
    'An API key expires soon; published once 30 days and once 7 days ahead. Work 365 needs a new one before then.',
})
export class ApiKeyExpiryAnnouncedV1 {
  @IsUUID() apiKeyId!: string;
  @IsUUID() connectorId!: string;
  @Length(1, 100) label!: string;
  @IsISO8601({ strict: true }) expiresAt!: string;
  /** It expires within this many days. */
  @IsInt() withinDays!: number;
}

/** A valid key, and on whose behalf it acts. */
export class ApiKeyHolder {
  @IsUUID() apiKeyId!: string;
  @Length(1, 100) label!: string;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
  @IsIn(connectorStatuses) connectorStatus!: ConnectorStatus;
  /** The spelling of JSON member names that the holder expects; camelCase if absent. */
  @IsOptional() @IsIn(fieldNameStyles) fieldNames?: FieldNameStyle;
  @IsOptional() @ValidateNested() @Type(() => TermOfFrequencyV1) termOfFrequency?: TermOfFrequencyV1;
  /** It is valid until then; for ever if absent. */
  @IsOptional() @IsISO8601({ strict: true }) expiresAt?: string;
}

/** The response to FindApiKey; without `holder` the key is unknown, revoked or expired. */
export class FindApiKeyResponse {
  @IsOptional() @ValidateNested() @Type(() => ApiKeyHolder) holder?: ApiKeyHolder;
}

@ServiceRequest({
  subject: 'rpc.connector-config.find-api-key',
  service: 'connector-config',
  summary: 'Finds the owner of a Work 365 API key. Only the hash of the key is sent, never the key itself.',
})
export class FindApiKey {
  static readonly response = FindApiKeyResponse;
  /** SHA-256 of the whole key as given by the caller (UTF-8), in lower-case hex. */
  @Matches(/^[0-9a-f]{64}$/) keyHash!: string;
}

import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsISO8601, IsString, IsUUID, ValidateNested } from 'class-validator';
import { fieldNameStyles, type FieldNameStyle } from '@isthmus/contracts';
import type { Connector } from '../domain/connector.entity.ts';
import {
  AttestationView,
  CallLimitView,
  PauseView,
  ScheduleView,
  TermOfFrequencyView,
} from './connector-parts.view.ts';
import { OrNull } from './or-null.ts';
import { VerificationView } from './verification.view.ts';

/** A connector as everybody of its tenant may see it: its secrets are in no answer. */
export class ConnectorView {
  @IsUUID() id!: string;
  @IsString() name!: string;
  @IsString() username!: string;
  @IsString() apiUrl!: string;
  @IsString() accountId!: string;
  @IsString() country!: string;
  @IsString() currency!: string;
  @IsString() marketplace!: string;
  /** True when it follows the country. */
  @IsBoolean() marketplaceDerived!: boolean;
  @ValidateNested() @Type(() => ScheduleView) schedule!: ScheduleView;
  @ValidateNested() @Type(() => CallLimitView) callLimit!: CallLimitView;
  @IsIn(fieldNameStyles) fieldNames!: FieldNameStyle;
  /** Which term Work 365 means when it names only how often is billed. */
  @ValidateNested() @Type(() => TermOfFrequencyView) termOfFrequency!: TermOfFrequencyView;
  /** null until somebody records it. */
  @OrNull() @ValidateNested() @Type(() => AttestationView) partnerAttestation!: AttestationView | null;
  @IsIn(['active', 'paused']) status!: 'active' | 'paused';
  @OrNull() @ValidateNested() @Type(() => PauseView) paused!: PauseView | null;
  /** The last one of the present settings; null when they were never verified. */
  @OrNull() @ValidateNested() @Type(() => VerificationView) verification!: VerificationView | null;
  @IsISO8601() createdAt!: string;
  @IsISO8601() updatedAt!: string;
  /** The number in the ETag. */
  @IsInt() version!: number;
}

export function showConnector(connector: Connector): ConnectorView {
  const { id, name, username, apiUrl, accountId, country, currency, marketplace } = connector;
  const { schedule, callLimit, fieldNames, paused, verification, version } = connector;
  const { monthly = null, annual = null, triennial = null } = connector.termOfFrequency;
  return {
    id,
    name,
    username,
    apiUrl,
    accountId,
    country,
    currency,
    marketplace,
    marketplaceDerived: !connector.marketplaceChosen,
    schedule,
    callLimit,
    fieldNames,
    termOfFrequency: { monthly, annual, triennial },
    partnerAttestation: connector.partnerAttestation,
    status: connector.status === 'paused' ? 'paused' : 'active',
    paused,
    verification,
    createdAt: connector.createdAt.toISOString(),
    updatedAt: connector.updatedAt.toISOString(),
    version,
  };
}

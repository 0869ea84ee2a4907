import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsISO8601, IsString, IsUUID, ValidateNested } from 'class-validator';
import { fieldNameStyles, type FieldNameStyle } from '@isthmus/contracts';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Connector } from '../domain/connector.entity.ts';
import { sameAccountAs, type ConnectorRef } from '../persistence/same-account.ts';
import {
  AttestationView,
  CallLimitView,
  PauseView,
  ScheduleView,
  TermOfFrequencyView,
} from './connector-parts.view.ts';
import { OrNull } from './or-null.ts';
import { VerificationView } from './verification.view.ts';

/** Another connector. */
export class ConnectorRefView implements ConnectorRef {
  @IsUUID() id!: string;
  @IsString() name!: string;
}

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
  /**
   * Live connectors for the same account at CMP. Each reads and tells everything of its own, so that all of the account is
   * there once per connector: remove those that are not wanted.
   */
  @ValidateNested({ each: true }) @Type(() => ConnectorRefView) sameAccountAs!: ConnectorRefView[];
  @IsISO8601() createdAt!: string;
  /** When it was last taken up again after a removal; null when it never was. */
  @OrNull() @IsISO8601() restoredAt!: string | null;
  @IsISO8601() updatedAt!: string;
  /** The number in the ETag. */
  @IsInt() version!: number;
}

/** Each with those that are for the same account; what is pending must have been flushed. */
export async function showConnectors(
  em: EntityManager,
  connectors: readonly Connector[],
): Promise<ConnectorView[]> {
  const same = await sameAccountAs(em, connectors);
  return connectors.map((connector) => show(connector, same.get(connector.id) ?? []));
}

export async function showConnector(em: EntityManager, connector: Connector): Promise<ConnectorView> {
  const [view] = await showConnectors(em, [connector]);
  return view!;
}

function show(connector: Connector, sameAccountAs: ConnectorRef[]): ConnectorView {
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
    sameAccountAs,
    createdAt: connector.createdAt.toISOString(),
    restoredAt: connector.restoredAt?.toISOString() ?? null,
    updatedAt: connector.updatedAt.toISOString(),
    version,
  };
}

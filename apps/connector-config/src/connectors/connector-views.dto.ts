import { OrNull } from '@isthmus/service-kit';
import {
  type FieldNameStyle,
  fieldNameStyles,
  type OrderGuardV1,
  type OrderLimitsV1,
} from '@isthmus/contracts';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import type { Connector } from './connector.entity.ts';
import { type ConnectorRef, sameAccountAs } from './connector.store.ts';
import {
  type CallLimit,
  orderGuardOf,
  type Pause,
  type Schedule,
  type Verification,
  type VerificationStep,
} from './connector.ts';

class VerificationStepView implements VerificationStep {
  @IsString() step!: string;
  @IsBoolean() ok!: boolean;
  /** The problem as a machine code, such as `password` or `currency`. */
  @IsOptional() @IsString() cause?: string;
  /** The connector's field to fix. */
  @IsOptional() @IsString() field?: string;
  @IsString() detail!: string;
  /** The next step. */
  @IsOptional() @IsString() mend?: string;
  /** CMP's own, for its support. */
  @IsOptional() @IsString() correlationId?: string;
  @IsInt() ms!: number;
}

/** The result of Verify Connectivity, step by step; it stops at the first step that fails. */
export class VerificationView implements Verification {
  @IsBoolean() ok!: boolean;
  @ValidateNested({ each: true }) @Type(() => VerificationStepView) steps!: VerificationStepView[];
  @IsISO8601() checkedAt!: string;
}

/** Minutes between two readings of CMP; 0 means never. */
class ScheduleView implements Schedule {
  @IsInt() tickMinutes!: number;
  @IsInt() sweepMinutes!: number;
  @IsInt() accountsMinutes!: number;
}

/** Calls CMP allows the subscription key; null where it is not known. */
class CallLimitView implements CallLimit {
  @OrNull() @IsInt() perMinute!: number | null;
  @OrNull() @IsInt() perDay!: number | null;
}

/** ISO 8601 periods; null where a request that names only this frequency is refused. */
class TermOfFrequencyView {
  @OrNull() @IsString() monthly!: string | null;
  @OrNull() @IsString() annual!: string | null;
  @OrNull() @IsString() triennial!: string | null;
}

/** Thresholds above which an order needs more than its request; null: no such limit. */
class OrderLimitsView implements OrderLimitsV1 {
  @OrNull() @IsInt() seats!: number | null;
  @OrNull() @IsInt() percent!: number | null;
  @IsInt() percentFromSeats!: number;
  @OrNull() @IsInt() yearlyAmount!: number | null;
  @OrNull() @IsInt() purchasesPerHour!: number | null;
}

/** Defines which orders need a quote, and which the approval of a second person. */
class OrderGuardView implements OrderGuardV1 {
  @ValidateNested() @Type(() => OrderLimitsView) quoteFrom!: OrderLimitsView;
  @ValidateNested() @Type(() => OrderLimitsView) approvalFrom!: OrderLimitsView;
  /** Number of days that an order waits for approval before it expires. */
  @IsInt() approvalDays!: number;
}

/** The user who attested to being the partner of record of this connector's customers. */
export class AttestationView {
  @IsString() by!: string;
  @IsISO8601() at!: string;
}

/** The reason why a connector is paused. */
class PauseView implements Pause {
  @IsISO8601() since!: string;
  @IsString() by!: string;
  /** True if a service paused it because of a response of CMP. */
  @IsBoolean() automatic!: boolean;
  @IsString() cause!: string;
  @IsString() detail!: string;
  @IsString() nextStep!: string;
}

/** Another connector. */
class ConnectorRefView implements ConnectorRef {
  @IsUUID() id!: string;
  @IsString() name!: string;
}

/** A connector as everyone of its tenant may see it: no response contains its secrets. */
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
  /** The term to assume if Work 365 specifies only a billing frequency. */
  @ValidateNested() @Type(() => TermOfFrequencyView) termOfFrequency!: TermOfFrequencyView;
  @ValidateNested() @Type(() => OrderGuardView) orderGuard!: OrderGuardView;
  /** null until it is recorded. */
  @OrNull() @ValidateNested() @Type(() => AttestationView) partnerAttestation!: AttestationView | null;
  @IsIn(['active', 'paused']) status!: 'active' | 'paused';
  @OrNull() @ValidateNested() @Type(() => PauseView) paused!: PauseView | null;
  /** The last one of the present settings; null when they were never verified. */
  @OrNull() @ValidateNested() @Type(() => VerificationView) verification!: VerificationView | null;
  /**
   * Live connectors for the same account at CMP. Each one reads and publishes separately, so the whole account exists once
   * per connector: remove those that are not needed.
   */
  @ValidateNested({ each: true }) @Type(() => ConnectorRefView) sameAccountAs!: ConnectorRefView[];
  @IsISO8601() createdAt!: string;
  /** Time of the last restore after a removal; null if it was never restored. */
  @OrNull() @IsISO8601() restoredAt!: string | null;
  @IsISO8601() updatedAt!: string;
  /** The number in the ETag. */
  @IsInt() version!: number;
}

/** Each one with those for the same account; pending changes must have been flushed. */
export async function toConnectorViews(
  em: EntityManager,
  connectors: readonly Connector[],
): Promise<ConnectorView[]> {
  const same = await sameAccountAs(em, connectors);
  return connectors.map((connector) => render(connector, same.get(connector.id) ?? []));
}

export async function toConnectorView(em: EntityManager, connector: Connector): Promise<ConnectorView> {
  const [view] = await toConnectorViews(em, [connector]);
  return view!;
}

function render(connector: Connector, sameAccountAs: ConnectorRef[]): ConnectorView {
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
    orderGuard: orderGuardOf(connector),
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

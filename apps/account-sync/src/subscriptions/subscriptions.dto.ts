import { SubscriptionLineV1 } from '@isthmus/contracts';
import { IfGiven, IsDay, isoTime, isoTimeOrNull, OrNull, PageQuery, QueryFlag } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsISO8601, IsString, IsUUID, Length, ValidateNested } from 'class-validator';
import { type EndedFilter, endedFilters } from '../list-query.ts';
import type { ProviderSubscriptionRow } from './subscriptions.store.ts';

/** Query for the subscriptions of one account. */
export class AccountSubscriptionQuery extends PageQuery {
  /** CMP's value: pending, active, hold, terminated, removed, unknown; or `no-longer-listed`, `connector-removed`. */
  @IfGiven() @IsString() @Length(1, 64) status?: string;
  /**
   * Items that have ended, were closed or are no longer listed: `exclude` (default) leaves them out, `include` adds them,
   * `only` returns nothing else.
   */
  @IfGiven() @IsIn(endedFilters) ended?: EndedFilter;
  /** `true`: the same as `ended=include`. */
  @IfGiven() @QueryFlag() includeGone?: boolean;
}

export class ProviderSubscriptionQuery extends AccountSubscriptionQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsUUID() providerAccountId?: string;
}

export class ProviderSubscriptionView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsUUID() providerAccountId!: string;
  @IsString() cmpSubscriptionId!: string;
  @IsString() cmpAccountId!: string;
  @IsString() name!: string;
  /**
   * CMP's value: pending, active, hold, terminated, removed, unknown; or `no-longer-listed`, `connector-removed` if it was not
   * terminated by CMP.
   */
  @IsString() status!: string;
  @OrNull() @IsBoolean() autoRenew!: boolean | null;
  @OrNull() @IsDay() creationDate!: string | null;
  @OrNull() @IsDay() renewalDate!: string | null;
  @OrNull() @IsDay() expirationDate!: string | null;
  @OrNull() @IsString() billingModel!: string | null;
  /** ISO 8601, e.g. `P1M`. */
  @OrNull() @IsString() billingPeriod!: string | null;
  /** ISO 8601, e.g. `P1Y`. */
  @OrNull() @IsString() term!: string | null;
  /** Sum over the lines; null until the detail has been read, because CMP's lists contain no quantities. */
  @OrNull() @IsInt() quantity!: number | null;
  @OrNull() @ValidateNested({ each: true }) @Type(() => SubscriptionLineV1) lines!:
    SubscriptionLineV1[] | null;
  @OrNull() @IsString() planId!: string | null;
  @OrNull() @IsString() microsoftDomain!: string | null;
  @OrNull() @IsString() microsoftTenantId!: string | null;
  /** Quantity and lines are as CMP had them at this time; null if they have never been read. */
  @OrNull() @IsISO8601() detailConfirmedAt!: string | null;
  /** Quantity or lines may have changed since; the detail will be read again. */
  @IsBoolean() detailWanted!: boolean;
  /** The reason why the last attempt to read the detail failed. */
  @OrNull() @IsString() detailFailure!: string | null;
  /** Time at which it was first missing from CMP's list. */
  @OrNull() @IsISO8601() goneAt!: string | null;
  /** `no-longer-listed` or `connector-removed`; null if it has not ended. */
  @OrNull() @IsString() goneReason!: string | null;
  /** Time at which CMP last reported these values. */
  @IsISO8601() asOf!: string;
  @IsInt() version!: number;
}

export function showProviderSubscription({
  detailWantedAt,
  ...row
}: ProviderSubscriptionRow): ProviderSubscriptionView {
  return {
    ...row,
    detailConfirmedAt: isoTimeOrNull(row.detailConfirmedAt),
    detailWanted: detailWantedAt !== null,
    goneAt: isoTimeOrNull(row.goneAt),
    asOf: isoTime(row.asOf),
  };
}

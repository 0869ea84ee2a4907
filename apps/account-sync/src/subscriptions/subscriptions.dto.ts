import { SubscriptionLineV1 } from '@isthmus/contracts';
import { IfGiven, IsDay, isoTime, isoTimeOrNull, OrNull, PageQuery, QueryFlag } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsISO8601, IsString, IsUUID, Length, ValidateNested } from 'class-validator';
import { type EndedFilter, endedFilters } from '../list-query.ts';
import type { ChargedSeats, ProviderSubscriptionRow } from './subscriptions.store.ts';

const seatCertainties = ['confirmed', 'provisional'] as const;
const seatSources = ['subscription', 'rated-report'] as const;

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
  /** `true`: only those whose detail has never been read, so that `seats` are provisional or null; `false`: only the others. */
  @IfGiven() @QueryFlag() unread?: boolean;
}

export class ProviderSubscriptionQuery extends AccountSubscriptionQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsUUID() providerAccountId?: string;
}

/** How many seats a subscription has, and how that is known. */
export class ProviderSubscriptionSeatsView {
  @IsInt() quantity!: number;
  /**
   * `confirmed`: read from CMP's subscription. `provisional`: taken from the newest rated report that charges a whole period of it,
   * because the subscription has not been read yet; seats may have been added or removed since. Nothing is published, ordered or
   * shown to Work 365 on a provisional count.
   */
  @IsIn(seatCertainties) certainty!: (typeof seatCertainties)[number];
  @IsIn(seatSources) source!: (typeof seatSources)[number];
  /** Confirmed: time of the reading. Provisional: first day of the charged period. */
  @IsISO8601() asOf!: string;
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
  /** The same with its source; in contrast to `quantity`, also while it is only provisional. Null if nothing is known. */
  @OrNull()
  @ValidateNested()
  @Type(() => ProviderSubscriptionSeatsView)
  seats!: ProviderSubscriptionSeatsView | null;
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
  chargedSeats,
  ...row
}: ProviderSubscriptionRow): ProviderSubscriptionView {
  return {
    ...row,
    seats: seatsOf(row, chargedSeats),
    detailConfirmedAt: isoTimeOrNull(row.detailConfirmedAt),
    detailWanted: detailWantedAt !== null,
    goneAt: isoTimeOrNull(row.goneAt),
    asOf: isoTime(row.asOf),
  };
}

function seatsOf(
  {
    quantity,
    detailConfirmedAt,
    asOf,
  }: Pick<ProviderSubscriptionRow, 'quantity' | 'detailConfirmedAt' | 'asOf'>,
  charged: ChargedSeats | null,
): ProviderSubscriptionSeatsView | null {
  if (quantity !== null)
    return {
      quantity,
      certainty: 'confirmed',
      source: 'subscription',
      asOf: isoTime(detailConfirmedAt ?? asOf),
    };
  return (
    charged && {
      ...{ quantity: charged.quantity, certainty: 'provisional', source: 'rated-report' },
      asOf: isoTime(charged.asOf),
    }
  );
}

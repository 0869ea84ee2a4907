import { MoneyV1 } from '@isthmus/contracts';
import { Period } from '@isthmus/domain';
import {
  Allow,
  CurrentUser,
  decodeCursor,
  Describe,
  IfGiven,
  invalidInput,
  IsDay,
  OrNull,
  type Page,
  PageQuery,
  Principal,
  QueryFlag,
  TenantStore,
  toPage,
} from '@isthmus/service-kit';
import { Controller, Get, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsNumber, IsString, IsUUID, ValidateNested } from 'class-validator';
import { OrderReasonView } from '../../orders/orders.dto.ts';
import { type Renewal, renewalOf } from './renewals.ts';
import { listRenewals, placeIn, type RenewingSubscription } from './subscription-list.store.ts';

class RenewalQuery extends PageQuery {
  /** The first day; today (UTC), if it is left out. */
  @IfGiven() @IsDay() from?: string;
  /** The last day; without it, there is none. */
  @IfGiven() @IsDay() to?: string;
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsUUID() providerAccountId?: string;
  /** As CMP states it at present. */
  @IfGiven() @QueryFlag() autoRenew?: boolean;
}

const outcomes = ['renews', 'ends'] as const satisfies Renewal['outcome'][];

/** The end of a term of a subscription, if nobody does anything. */
export class RenewalView {
  @IsUUID() subscriptionId!: string;
  @IsUUID() connectorId!: string;
  @OrNull() @IsUUID() providerAccountId!: string | null;
  @IsString() cmpAccountId!: string;
  /** The friendly name, if it has one. */
  @IsString() name!: string;
  /** The customer's name; null while CMP has not listed the account. */
  @OrNull() @IsString() accountName!: string | null;
  /** The day on which it renews or ends. */
  @OrNull() @IsDay() renewalDate!: string | null;
  /** As CMP states it at present. */
  @IsBoolean() autoRenew!: boolean;
  /** What happens, with what is under way and scheduled until then. */
  @IsIn(outcomes) outcome!: Renewal['outcome'];
  /** At present, of all lines; null while they are unknown. */
  @OrNull() @IsNumber() seats!: number | null;
  /** With what is under way and scheduled; 0 if it ends, null if it is unknown. */
  @OrNull() @IsNumber() seatsAtRenewal!: number | null;
  /** ISO 8601, such as `P1Y`. */
  @OrNull() @IsString() term!: string | null;
  @OrNull() @IsString() billingPeriod!: string | null;
  /**
   * What the whole next term costs at the prices of this one, for the seats at the renewal; null if it ends, or if that is not
   * known: `noCostReason` says why.
   */
  @OrNull() @ValidateNested() @Type(() => MoneyV1) costOfDoingNothing!: MoneyV1 | null;
  /**
   * `ends`, `price-not-known`, `prices-not-comparable`, `term-not-known`, `lines-not-known`, `line-not-known` or `extended-term`;
   * null if there is a cost.
   */
  @OrNull() @ValidateNested() @Type(() => OrderReasonView) noCostReason!: OrderReasonView | null;
  /** A change that is scheduled or proposed for the renewal, or for a day before. */
  @OrNull() @IsUUID() scheduledChangeId!: string | null;
  /** Whether outcome, seats and cost include that change: one that is only proposed does not count. Null without one. */
  @OrNull() @IsBoolean() scheduledChangeCounted!: boolean | null;
  /** The order that is under way for it. */
  @OrNull() @IsUUID() openOrderId!: string | null;
}

@Allow('viewer')
@Controller('v1/renewals')
export class RenewalsController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Describe(
    'Live subscriptions whose terms end in these days, the next first: whether they renew, and what that costs if nobody does anything.',
    { returns: RenewalView, list: 'page' },
  )
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() { cursor, limit, from, to, ...filter }: RenewalQuery,
  ): Promise<Page<RenewalView>> {
    const first = from ?? new Date().toISOString().slice(0, 10);
    if (to !== undefined && to < first)
      throw invalidInput([{ field: 'to', message: `to must not be before the first day, ${first}` }]);
    const after = decodeCursor(cursor, ['text', 'uuid']);
    const wanted = { ...filter, termEndFrom: first, termEndTo: to };
    const found = await this.store.read(tenantId, (em) => listRenewals(em, tenantId, wanted, after, limit));
    return toPage(found, limit, (row) => placeIn('termEnd', row), showRenewal);
  }
}

function showRenewal(row: RenewingSubscription): RenewalView {
  const { state } = row;
  const renewal = renewalOf(row, row.expected ?? []);
  return {
    subscriptionId: row.id,
    connectorId: row.connectorId,
    providerAccountId: row.providerAccountId,
    cmpAccountId: row.cmpAccountId,
    name: row.friendlyName ?? row.name,
    accountName: row.accountName,
    renewalDate: renewal.on,
    autoRenew: state.autoRenew,
    outcome: renewal.outcome,
    seats: renewal.seats,
    seatsAtRenewal: renewal.seatsAtRenewal,
    term: Period.iso(state.term ?? undefined),
    billingPeriod: Period.iso(state.billingPeriod ?? undefined),
    costOfDoingNothing: renewal.cost,
    noCostReason: renewal.noCost,
    scheduledChangeId: renewal.scheduledChangeId,
    scheduledChangeCounted: renewal.isChangeCounted,
    openOrderId: row.openOrderId,
  };
}

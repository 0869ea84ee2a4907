import { MoneyV1, SubscriptionLineV1 } from '@isthmus/contracts';
import { Period } from '@isthmus/domain';
import { AnyJson, IfGiven, IsDay, isoTime, OrNull, PageQuery, QueryFlag } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { NotWith } from '../orders/orders.dto.ts';
import type { FactChange } from './rules/observe.ts';
import type { Option, SubscriptionOptions } from './rules/options.ts';
import { maxAssignments } from './subscription-changes.store.ts';
import { hasWindows } from './lists/overviews.ts';
import { windowCloses, windowOpen } from './rules/seat-lots.ts';
import { contractLines, subscriptionTotal } from './subscription-events.ts';
import {
  endedFilters,
  type ListedSubscription,
  type SubscriptionFilter,
  type SubscriptionOrder,
  subscriptionOrders,
} from './lists/subscription-list.store.ts';
import { type Assignment, assignments } from './subscription.ts';

/** Fields that are left out are not changed. */
export class ChangeSubscription {
  /** null clears it. */
  @IsOptional() @IsString() @Length(1, 200) @Matches(/\S/) friendlyName?: string | null;
  /** A contract of the tenant account to which the provider account is linked; null: unassigned. */
  @IsOptional() @IsUUID() billingContractId?: string | null;
  /**
   * Places an order at CMP: must be the only field of its request, with an Idempotency-Key; the response is 202 with the order.
   */
  @IfGiven() @IsBoolean() autoRenew?: boolean;
}

/** Filters that are left out do not apply; only live ones, unless `ended` or `status` is given. */
export class SubscriptionQuery extends PageQuery implements SubscriptionFilter {
  @IsOptional() @IsUUID() connectorId?: string;
  @IsOptional() @IsUUID() providerAccountId?: string;
  @IsOptional() @IsUUID() billingContractId?: string;
  /** `false`: on no billing contract. */
  @IsOptional() @IsIn(['true', 'false']) assigned?: 'true' | 'false';
  @IsOptional() @IsString() @Length(1, 64) status?: string;
  /** `false`: only live ones, the default; `any`: also those that have ended. */
  @IsOptional() @IsIn(endedFilters) ended?: (typeof endedFilters)[number];
  @IfGiven() @QueryFlag() autoRenew?: boolean;
  /** The first and the last day. */
  @IfGiven() @IsDay() renewalFrom?: string;
  @IfGiven() @IsDay() renewalTo?: string;
  /** Part of a name, the customer's name, an MPN or CMP's id. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
  @IfGiven() @IsIn(subscriptionOrders) sort: SubscriptionOrder = 'id';
}

class AssignmentFilter implements SubscriptionFilter {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsUUID() providerAccountId?: string;
  @IfGiven() @IsUUID() billingContractId?: string;
  @IfGiven() @IsIn(['true', 'false']) assigned?: 'true' | 'false';
  @IfGiven() @IsString() @Length(1, 64) status?: string;
  @IfGiven() @IsIn(endedFilters) ended?: (typeof endedFilters)[number];
}

/** The subscriptions to assign, by id or by filter, and their contract. */
export class AssignSubscriptions {
  /** null: unassigned. */
  @OrNull()
  @IsUUID()
  billingContractId!: string | null;
  /** At most 1,000. */
  @ValidateIf(({ filter }: AssignSubscriptions) => filter === undefined)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(maxAssignments)
  @ArrayUnique()
  @IsUUID('all', { each: true })
  subscriptionIds?: string[];
  @IfGiven()
  @NotWith('subscriptionIds')
  @ValidateNested()
  @Type(() => AssignmentFilter)
  filter?: AssignmentFilter;
  /** Nothing is assigned: the results say what would be. */
  @IsBoolean() dryRun: boolean = false;
  /** The cursor of the previous response, with the same filter. */
  @IfGiven() @IsString() @Length(1, 1000) cursor?: string;
}

const assignmentOutcomes = ['assigned', 'unassigned', 'unchanged', 'refused'] as const;

class AssignmentResultView {
  @IsUUID() subscriptionId!: string;
  @IsIn(assignmentOutcomes) outcome!: (typeof assignmentOutcomes)[number];
  /** Version of the subscription afterwards; absent if it is unknown. */
  @IsOptional() @IsInt() version?: number;
  /** The reason why it was refused. */
  @IsOptional() @IsString() code?: string;
  @IsOptional() @IsString() detail?: string;
  @IsOptional() @IsString() nextStep?: string;
}

export class AssignmentsView {
  /** Nothing was assigned; it is what would be. */
  @IsBoolean() dryRun!: boolean;
  @IsInt() assigned!: number;
  @IsInt() unassigned!: number;
  @IsInt() unchanged!: number;
  @IsInt() refused!: number;
  /** One result per subscription, in the requested order. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AssignmentResultView)
  results!: AssignmentResultView[];
  /** To be given back for what else the filter finds; null when that was all. */
  @OrNull() @IsString() nextCursor!: string | null;
}

/** Whether an action is possible now, until when, and otherwise the reason and the alternative. */
class OptionView {
  @IsBoolean() allowed!: boolean;
  @OrNull() @IsISO8601() until!: string | null;
  @OrNull() @IsString() code!: string | null;
  @OrNull() @IsString() detail!: string | null;
  @OrNull() @IsString() nextStep!: string | null;
  /** Seats that can be given up now; of a decrease. */
  @IsOptional() @IsInt() seats?: number;
}

export class SubscriptionOptionsView {
  @ValidateNested() @Type(() => OptionView) increase!: OptionView;
  @ValidateNested() @Type(() => OptionView) decrease!: OptionView;
  @ValidateNested() @Type(() => OptionView) decreaseAtRenewal!: OptionView;
  @ValidateNested() @Type(() => OptionView) cancel!: OptionView;
  @ValidateNested() @Type(() => OptionView) renewalSetting!: OptionView;
}

export const showOptions = (options: SubscriptionOptions): SubscriptionOptionsView => ({
  increase: show(options.increase),
  decrease: { ...show(options.decrease), seats: options.decrease.seats },
  decreaseAtRenewal: show(options.decreaseAtRenewal),
  cancel: show(options.cancel),
  renewalSetting: show(options.renewalSetting),
});

const show = ({ allowed, until, code, detail, nextStep }: Option): OptionView => ({
  allowed,
  until: until === undefined || until === null ? null : new Date(until).toISOString(),
  code: code ?? null,
  detail: detail ?? null,
  nextStep: nextStep ?? null,
});

class SeatLotView {
  @IsInt() seats!: number;
  @IsISO8601() addedAt!: string;
  /** They can be returned until then; null if they cannot. */
  @OrNull() @IsISO8601() reducibleUntil!: string | null;
  /** The line, if the subscription has several: its `productId`, otherwise its MPN. */
  @IsOptional() @IsString() line?: string;
}

export class SubscriptionView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @OrNull() @IsUUID() providerAccountId!: string | null;
  @IsString() cmpSubscriptionId!: string;
  @IsString() cmpAccountId!: string;
  /** The customer's name; null while CMP has not listed the account. */
  @OrNull() @IsString() accountName!: string | null;
  @IsString() name!: string;
  /** Locally owned; no sync overwrites it. */
  @OrNull() @IsString() friendlyName!: string | null;
  /** The status as reported by CMP. */
  @IsString() status!: string;
  @IsBoolean() autoRenew!: boolean;
  /** Null: unassigned. */
  @OrNull() @IsUUID() billingContractId!: string | null;
  /**
   * Tells who decided on the contract. `default`: no one; without one it joins the default contract. `transferred`: it awaits a
   * manual assignment.
   */
  @IsIn(assignments) assignment!: Assignment;
  @OrNull() @IsString() billingPeriod!: string | null;
  @OrNull() @IsString() term!: string | null;
  @OrNull() @IsDay() renewalDate!: string | null;
  @OrNull() @IsDay() expirationDate!: string | null;
  @IsArray() @ValidateNested({ each: true }) @Type(() => SubscriptionLineV1) lines!: SubscriptionLineV1[];
  /** Of all lines; null while they are unknown. */
  @OrNull() @IsNumber() seats!: number | null;
  /** What all seats cost in a billing period; null if a price is unknown. */
  @OrNull() @ValidateNested() @Type(() => MoneyV1) periodTotal!: MoneyV1 | null;
  /** The order that is under way for it. */
  @OrNull() @IsUUID() openOrderId!: string | null;
  /** The next change that is scheduled or proposed. */
  @OrNull() @IsUUID() scheduledChangeId!: string | null;
  /** When it was first seen to have ended; null while it is live. */
  @OrNull() @IsISO8601() endedAt!: string | null;
  /** Null if it is unknown when the seats were added. */
  @OrNull() @IsArray() @ValidateNested({ each: true }) @Type(() => SeatLotView) seatLots!:
    SeatLotView[] | null;
  /** Time at which CMP was read. */
  @IsISO8601() asOf!: string;
  @IsInt() version!: number;
}

class FactChangeView implements FactChange {
  /** What changed, e.g. `seats`. */
  @IsString() fact!: string;
  /** Missing if there was no value before. */
  @IsOptional() @AnyJson() from!: unknown;
  @IsOptional() @AnyJson() to!: unknown;
  /** The consequence, or why there is none. */
  @IsOptional() @IsString() note?: string;
}

/** A change of a subscription, with its source. */
export class SubscriptionChangeView {
  @IsISO8601() at!: string;
  /** cmp, order or person. */
  @IsString() source!: string;
  @IsString() by!: string;
  @OrNull() @IsUUID() orderId!: string | null;
  @IsString() correlationId!: string;
  @IsArray() @ValidateNested({ each: true }) @Type(() => FactChangeView) changes!: FactChangeView[];
}

export function showSubscription(row: ListedSubscription, now = Date.now()): SubscriptionView {
  const { state } = row;
  const windows = row.status === 'active' && hasWindows(row);
  return {
    id: row.id,
    connectorId: row.connectorId,
    providerAccountId: row.providerAccountId,
    cmpSubscriptionId: row.cmpSubscriptionId,
    cmpAccountId: row.cmpAccountId,
    accountName: row.accountName,
    name: row.name,
    friendlyName: row.friendlyName,
    status: row.status,
    autoRenew: state.autoRenew,
    billingContractId: row.billingContractId,
    assignment: row.assignment,
    billingPeriod: state.billingPeriod && Period.print(state.billingPeriod),
    term: state.term && Period.print(state.term),
    renewalDate: state.renewalDate,
    expirationDate: state.expirationDate,
    lines: contractLines(state),
    seats: state.lines && state.lines.reduce((sum, { seats }) => sum + seats, 0),
    periodTotal: subscriptionTotal(state),
    openOrderId: row.openOrderId,
    endedAt: row.endedAt?.toISOString() ?? null,
    scheduledChangeId: row.scheduledChangeId,
    seatLots:
      state.lots &&
      state.lots.map(({ addedAt, ...lot }) => ({
        ...lot,
        addedAt: isoTime(new Date(addedAt)),
        reducibleUntil: windows && windowOpen(addedAt, now) ? isoTime(new Date(windowCloses(addedAt))) : null,
      })),
    asOf: new Date(state.asOf).toISOString(),
    version: row.version,
  };
}

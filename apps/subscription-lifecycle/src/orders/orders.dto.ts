import { isoPeriod, MoneyV1, type OrderWaitCause, orderWaitCauses, OrderWaitV1 } from '@isthmus/contracts';
import { Period } from '@isthmus/domain';
import {
  AnyObject,
  ApiResponse,
  IfGiven,
  IsInstant,
  isoTime,
  isoTimeOrNull,
  OrNull,
  PageQuery,
  QueryList,
} from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
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
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  type ValidationArguments,
} from 'class-validator';
import { type OrderStatus, orderStatuses } from './order-lifecycle.ts';
import { describeWait } from './order-events.ts';
import type { OrderRow } from './order.entity.ts';
import { type OrderFilter, type OrderSource, orderSources, sourceOf } from './order-queries.store.ts';
import { type Approval, type OrderKind, orderKinds, type OrderRecord } from './order.ts';
import type { PlacedOrder } from './orders.service.ts';
import { defaultRetryPolicy } from './protocol/retry-policy.ts';
import type { OrderCommand } from './resolving/order-command.ts';

/** Rejects the request if one of these fields is also present: this field already determines them. */
export const NotWith = (...others: string[]): PropertyDecorator =>
  ValidateBy({
    name: 'notWith',
    validator: {
      validate: (_, given) => present(others, given).length === 0,
      defaultMessage: (given) =>
        `${given?.property} already specifies ${present(others, given).join(' and ')}; leave out one of them`,
    },
  });

const present = (names: readonly string[], given?: ValidationArguments): string[] =>
  names.filter((name) => (given?.object as Record<string, unknown>)[name] !== undefined);

const isCreate = ({ kind }: PlaceOrder) => kind === 'create';
const hasSeats = ({ kind }: PlaceOrder) => kind === 'create' || kind === 'change-quantity';
/** Needed by some kinds of order; checked in any other one too, if it is given. */
const NeededBy = (needs: (order: PlaceOrder) => boolean): PropertyDecorator =>
  ValidateIf((order: PlaceOrder, value) => needs(order) || value !== undefined);

/** A parameter of a purchase, as CMP names it: `microsoft_domain`, `tenant_preference`, `mca_acceptance` … */
class OrderParameterDto {
  @Length(1, 100) name!: string;
  @IfGiven() @IsString() @Length(0, 1000) value?: string;
  /** Value of parameters that are not a string, such as an attestation. */
  @IfGiven() @AnyObject() structured_value?: object;
}

/** `upgrade` and `migrate` are accepted by validation so that they can be rejected with a helpful alternative. */
const commandedKinds = [...orderKinds, 'upgrade', 'migrate'] as const;

export class PlaceOrder implements OrderCommand {
  @IsIn(commandedKinds) kind!: OrderKind | 'upgrade' | 'migrate';
  /** Required for everything except a purchase. */
  @NeededBy((order) => !isCreate(order)) @IsUUID() subscriptionId?: string;
  /** Required for a purchase. */
  @NeededBy(isCreate) @IsUUID() providerAccountId?: string;
  /** Part number of a purchase: `INGRAM:vendorID:mpn`. */
  @NeededBy(isCreate) @IsString() @Length(1, 600) partNumber?: string;
  /** Needed for a purchase only if its part number is ambiguous. If it does not match the product's, the order is rejected. */
  @IfGiven() @Matches(isoPeriod) billingPeriod?: string;
  @IfGiven() @Matches(isoPeriod) term?: string;
  /** The new total, never a difference. */
  @NeededBy(hasSeats) @IsInt() @Min(1) @Max(1_000_000) seats?: number;
  /** For a quantity change. */
  @IfGiven() @IsIn(['now', 'renewal']) when?: 'now' | 'renewal';
  /** For a quantity change in a subscription with several lines. */
  @IfGiven() @IsString() @Length(1, 255) mpn?: string;
  /** CMP's id of that line's product, if several products have this MPN. */
  @IfGiven() @IsString() @Length(1, 255) cmpProductId?: string;
  /** Required if `kind` is `renewal-setting`. */
  @NeededBy(({ kind }) => kind === 'renewal-setting') @IsBoolean() autoRenew?: boolean;
  /** Only for a purchase. */
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => OrderParameterDto)
  parameters?: OrderParameterDto[];
  /** The order is rejected if CMP's estimate is higher. */
  @IfGiven() @ValidateNested() @Type(() => MoneyV1) highestTotal?: MoneyV1;
  /** Products that CMP may add on its own, by MPN; none unless listed here. */
  @IfGiven() @IsArray() @ArrayMaxSize(50) @IsString({ each: true }) extraProducts?: string[];
  /**
   * For an immediate change: allows changes scheduled for the renewal to be lost (they are then proposed again). If not set, the
   * order is rejected if a change would be lost.
   */
  @IfGiven() @IsBoolean() dropScheduledChanges?: boolean;
  /** The accepted quote; the order must match it, and maximum price and extra products are taken from it. */
  @IfGiven() @IsUUID() @NotWith('highestTotal', 'extraProducts') quoteId?: string;
  /** With a quote: the percentage by which CMP's price may exceed the quoted one; the default is a setting. */
  @IfGiven() @IsNumber({ maxDecimalPlaces: 3 }) @Min(0) @Max(100) priceTolerancePercent?: number;
}

/** The findings of a user in CMP's control panel. */
export class ResolveOrder {
  /** `found`: it is CMP's order `cmpOrderId`, which is followed from here. */
  @IsIn(['settled', 'refused', 'found']) outcome!: 'settled' | 'refused' | 'found';
  @ValidateIf(({ outcome }: ResolveOrder, value) => outcome === 'found' || value !== undefined)
  @IsString()
  @Length(1, 64)
  cmpOrderId?: string;
  @IsString() @Length(3, 1000) reason!: string;
}

/** The hash of the order that the approver saw; the approval is valid only for exactly that content. */
export class ApproveOrder {
  @IsString() @Length(1, 100) hash!: string;
}

export class RejectOrder extends ApproveOrder {
  /** Shown to the requester. */
  @IsString() @Length(3, 1000) reason!: string;
}

export class OrderQuery extends PageQuery implements OrderFilter {
  /** One or several. */
  @QueryList() @IsIn(orderStatuses, { each: true }) status?: OrderStatus[];
  @IfGiven() @IsIn(orderKinds) kind?: OrderKind;
  @IfGiven() @IsUUID() connectorId?: string;
  /** Of this customer. */
  @IfGiven() @IsUUID() providerAccountId?: string;
  @IfGiven() @IsUUID() subscriptionId?: string;
  /** Only orders that wait for this cause. */
  @IfGiven() @IsIn(orderWaitCauses) waitingFor?: OrderWaitCause;
  @IfGiven() @IsIn(orderSources) source?: OrderSource;
  /** Requested at or after, and before. */
  @IfGiven() @IsInstant() requestedFrom?: string;
  @IfGiven() @IsInstant() requestedTo?: string;
  /** Part of the marker, CMP's order number, or the name of product or customer. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
}

class OrderCountView {
  @IsIn(orderStatuses) status!: OrderStatus;
  @IsInt() orders!: number;
  /** When the oldest of them was requested. */
  @OrNull() @IsISO8601() oldestAt!: string | null;
}

/** Every status once, also those without any. */
export class OrderCounts {
  @IsArray() @ValidateNested({ each: true }) @Type(() => OrderCountView) data!: OrderCountView[];
}

export const showOrderCounts = (
  found: readonly { status: OrderStatus; orders: number; oldestAt: string }[],
): OrderCounts => ({
  data: orderStatuses.map((status) => {
    const { orders = 0, oldestAt = null } = found.find((one) => one.status === status) ?? {};
    return { status, orders, oldestAt: isoTimeOrNull(oldestAt) };
  }),
});

/** The reason why an order waits, was refused or needs manual intervention. */
export class OrderReasonView {
  @IsString() code!: string;
  @IsString() detail!: string;
  @IsString() nextStep!: string;
  @IsOptional() @IsString() correlationId?: string;
}

class OrderHistoryView {
  @IsISO8601() at!: string;
  @IsIn(orderStatuses) status!: OrderStatus;
  @OrNull() @ValidateNested() @Type(() => OrderReasonView) reason!: OrderReasonView | null;
  @IsString() by!: string;
}

/** The reason why the order guard requires an approval, and the decision. */
class ApprovalView {
  /** Hash of the complete content of the order; approving or rejecting requires it. */
  @IsString() hash!: string;
  /** Nobody can approve their own order. */
  @IsString() requestedBy!: string;
  @IsISO8601() requestedAt!: string;
  @IsISO8601() expiresAt!: string;
  /** Null until somebody has decided. */
  @OrNull() @IsIn(['approved', 'rejected']) outcome!: 'approved' | 'rejected' | null;
  @OrNull() @IsString() decidedBy!: string | null;
  @OrNull() @IsISO8601() decidedAt!: string | null;
}

const totalSources = ['quote', 'cmp', 'estimate'] as const;

export class OrderView {
  @IsUUID() id!: string;
  @IsIn(orderKinds) kind!: OrderKind;
  @IsIn(orderStatuses) status!: OrderStatus;
  @OrNull() @ValidateNested() @Type(() => OrderReasonView) reason!: OrderReasonView | null;
  /** The purchase order number shown at CMP. */
  @IsString() marker!: string;
  /** The subscription that it changes; of a settled purchase, the one that it made, as soon as that is known. */
  @OrNull() @IsUUID() subscriptionId!: string | null;
  @IsUUID() connectorId!: string;
  @IsString() cmpAccountId!: string;
  /** The customer; null while CMP has not listed the account. */
  @OrNull() @IsUUID() providerAccountId!: string | null;
  @OrNull() @IsString() accountName!: string | null;
  @OrNull() @IsString() cmpSubscriptionId!: string | null;
  @OrNull() @IsString() cmpOrderId!: string | null;
  @OrNull() @IsString() cmpOrderNumber!: string | null;
  /** The status as reported by CMP. */
  @OrNull() @IsString() cmpStatus!: string | null;
  /** CMP's internal code, such as `HL` of an order on hold. */
  @OrNull() @IsString() cmpStatusCode!: string | null;
  @OrNull() @IsString() vendor!: string | null;
  @OrNull() @IsString() mpn!: string | null;
  /** Without a product of its own, as a cancellation, the name of the subscription. */
  @OrNull() @IsString() productName!: string | null;
  /** Term of the product bought or the subscription changed, in ISO 8601; null if unknown. */
  @OrNull() @IsString() term!: string | null;
  @OrNull() @IsString() billingPeriod!: string | null;
  /** Per seat and billing period; null if unknown. */
  @OrNull() @ValidateNested() @Type(() => MoneyV1) unitPrice!: MoneyV1 | null;
  /** The expected cost of the whole order; a refund is negative. */
  @OrNull() @ValidateNested() @Type(() => MoneyV1) total!: MoneyV1 | null;
  /** The source: the accepted quote, CMP just before sending, or our estimate. */
  @OrNull() @IsIn(totalSources) totalFrom!: (typeof totalSources)[number] | null;
  /** The cost according to CMP's order. */
  @OrNull() @ValidateNested() @Type(() => MoneyV1) chargedTotal!: MoneyV1 | null;
  /** Warnings for the requester. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => OrderReasonView) warnings!: OrderReasonView[];
  /**
   * The reason why it waits, the deadline and the next step; null if it has ended or needs manual intervention (see `reason`).
   */
  @OrNull() @ValidateNested() @Type(() => OrderWaitV1) waiting!: OrderWaitV1 | null;
  /** Null unless an approval was or is required. */
  @OrNull() @ValidateNested() @Type(() => ApprovalView) approval!: ApprovalView | null;
  /** The requested total. */
  @OrNull() @IsInt() seats!: number | null;
  /** Seats when it was checked last; null before that, and for what changes none. */
  @OrNull() @IsInt() seatsBefore!: number | null;
  @OrNull() @IsIn(['now', 'renewal']) when!: 'now' | 'renewal' | null;
  @OrNull() @IsBoolean() autoRenew!: boolean | null;
  @IsBoolean() withdrawRequested!: boolean;
  /** Number of times that it may have been sent. */
  @IsInt() attempts!: number;
  @IsISO8601() requestedAt!: string;
  /** The subject of the token, or the name of a service. */
  @IsString() requestedBy!: string;
  /** Work 365, a scheduled change, or whoever calls this API. */
  @IsIn(orderSources) source!: OrderSource;
  /** The quote that was agreed to, and the scheduled change that it carries out. */
  @OrNull() @IsUUID() quoteId!: string | null;
  @OrNull() @IsUUID() scheduledChangeId!: string | null;
  /** Shared by everything that the command caused. */
  @IsString() correlationId!: string;
  /** Of the trace of the command and of all that was done for it; null if it was not traced. */
  @OrNull() @IsString() traceId!: string | null;
  /** The number in the ETag. */
  @IsInt() version!: number;
  @OrNull() @IsISO8601() finishedAt!: string | null;
  @OrNull() @IsISO8601() nextStepAt!: string | null;
  /** The id of the order that has to finish first. */
  @IsOptional() @OrNull() @IsUUID() waitsFor?: string | null;
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => OrderHistoryView)
  history?: OrderHistoryView[];
}

export function showOrder(row: PlacedOrder | OrderRow): OrderView {
  const { record, requestedBy, wait = null, account = null } = row;
  const { madeSubscriptionId = null, subscriptionName = null }: Partial<OrderRow> = row;
  const { spec, requestedAt, finishedAt, nextStepAt, terms } = record;
  const bought = spec.kind === 'create' || spec.kind === 'change-quantity' ? spec : null;
  return {
    id: record.id,
    kind: spec.kind,
    status: record.status,
    reason: record.reason,
    marker: record.marker,
    subscriptionId: row.subscriptionId ?? madeSubscriptionId,
    connectorId: row.connectorId,
    cmpAccountId: spec.cmpAccountId,
    providerAccountId: account?.id ?? null,
    accountName: account?.name ?? null,
    cmpSubscriptionId: record.cmpSubscriptionId,
    cmpOrderId: record.cmpOrderId,
    cmpOrderNumber: record.cmpOrderNumber,
    cmpStatus: record.cmpStatus,
    cmpStatusCode: record.cmpStatusCode ?? null,
    vendor: bought?.product.vendor ?? null,
    mpn: bought?.product.mpn ?? null,
    productName: bought ? (bought.product.name ?? null) : subscriptionName,
    ...shownTerms(record),
    unitPrice: terms?.unitPrice ?? null,
    total: terms?.total ?? null,
    totalFrom: terms?.totalFrom ?? null,
    chargedTotal: record.charged ?? null,
    warnings: [...(record.warnings ?? [])],
    waiting: wait && describeWait(record, wait, defaultRetryPolicy),
    approval: record.approval ? showApproval(record.approval, requestedBy) : null,
    seats: bought?.seats ?? null,
    seatsBefore: record.seatsBefore,
    when: spec.kind === 'change-quantity' ? spec.when : null,
    autoRenew: spec.kind === 'renewal-setting' ? spec.autoRenew : null,
    withdrawRequested: record.withdrawRequested,
    attempts: record.attempts,
    requestedAt: isoTime(new Date(requestedAt)),
    requestedBy,
    source: sourceOf(row),
    quoteId: row.quoteId,
    scheduledChangeId: row.scheduledChangeId,
    correlationId: row.correlationId,
    traceId: row.traceparent?.split('-')[1] ?? null,
    version: row.version,
    finishedAt: finishedAt === null ? null : isoTime(new Date(finishedAt)),
    nextStepAt: finishedAt === null ? isoTime(new Date(nextStepAt)) : null,
  };
}

/** Orders stored before terms were recorded show those of their product. */
function shownTerms({ terms, spec }: OrderRecord): { term: string | null; billingPeriod: string | null } {
  const product = 'product' in spec ? spec.product : undefined;
  const print = (period: Period | undefined) => (period ? Period.print(period) : null);
  return {
    term: terms?.term ?? print(product?.term),
    billingPeriod: terms?.billingPeriod ?? print(product?.billingPeriod),
  };
}

const showApproval = (
  { hash, requestedAt, expiresAt, decided }: Approval,
  requestedBy: string,
): ApprovalView => ({
  hash,
  requestedBy,
  requestedAt: isoTime(new Date(requestedAt)),
  expiresAt: isoTime(new Date(expiresAt)),
  outcome: decided?.outcome ?? null,
  decidedBy: decided?.by ?? null,
  decidedAt: decided ? isoTime(new Date(decided.at)) : null,
});

/** The response to a command: 202, with the address of the order. */
export const acceptedOrder = (placed: PlacedOrder): ApiResponse<OrderView> =>
  ApiResponse.accepted(`/v1/orders/${placed.record.id}`, showOrder(placed));

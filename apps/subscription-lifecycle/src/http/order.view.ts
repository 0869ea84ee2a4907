import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { MoneyV1, OrderWaitV1 } from '@isthmus/contracts';
import { Period } from '@isthmus/domain';
import { isoTime } from '@isthmus/service-kit';
import { orderKinds, type OrderKind } from '../domain/order/order-ask.ts';
import { orderStatuses, type OrderStatus } from '../domain/order/order-lifecycle.ts';
import type { OrderRecord } from '../domain/order/order-record.ts';
import { describeWait, type WaitFacts } from '../domain/order/order-wait.ts';
import { defaultPatience } from '../domain/order/patience.ts';
import type { OrderRow } from '../persistence/order-row.ts';

/** Why an order waits, was refused or needs somebody. */
export class OrderReasonView {
  @IsString() code!: string;
  @IsString() detail!: string;
  @IsString() nextStep!: string;
  @IsOptional() @IsString() correlationId?: string;
}

export class OrderHistoryView {
  @IsISO8601() at!: string;
  @IsIn(orderStatuses) status!: OrderStatus;
  @IsOptional() @ValidateNested() @Type(() => OrderReasonView) reason!: OrderReasonView | null;
  @IsString() by!: string;
}

const totalSources = ['quote', 'cmp', 'estimate'] as const;

export class OrderView {
  @IsUUID() id!: string;
  @IsIn(orderKinds) kind!: OrderKind;
  @IsIn(orderStatuses) status!: OrderStatus;
  @IsOptional() @ValidateNested() @Type(() => OrderReasonView) reason!: OrderReasonView | null;
  /** What CMP shows as the purchase order number. */
  @IsString() marker!: string;
  @IsOptional() @IsUUID() subscriptionId!: string | null;
  @IsString() cmpAccountId!: string;
  @IsOptional() @IsString() cmpSubscriptionId!: string | null;
  @IsOptional() @IsString() cmpOrderId!: string | null;
  @IsOptional() @IsString() cmpOrderNumber!: string | null;
  /** CMP's word. */
  @IsOptional() @IsString() cmpStatus!: string | null;
  /** CMP's internal code, such as `HL` of an order on hold. */
  @IsOptional() @IsString() cmpStatusCode!: string | null;
  @IsOptional() @IsString() vendor!: string | null;
  @IsOptional() @IsString() mpn!: string | null;
  @IsOptional() @IsString() productName!: string | null;
  /** Of the product bought or the subscription changed, as ISO 8601 writes it; null when nobody knows. */
  @IsOptional() @IsString() term!: string | null;
  @IsOptional() @IsString() billingPeriod!: string | null;
  /** Of a seat and a billing period; null when nobody knows. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) unitPrice!: MoneyV1 | null;
  /** What the whole order is expected to cost; negative: given back. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) total!: MoneyV1 | null;
  /** Who says so: the quote agreed to, CMP just before it was sent, or our estimate. */
  @IsOptional() @IsIn(totalSources) totalFrom!: (typeof totalSources)[number] | null;
  /** What it costs by CMP's order. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) chargedTotal!: MoneyV1 | null;
  /** What whoever ordered it should know. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => OrderReasonView) warnings!: OrderReasonView[];
  /** What it waits for, until when, and what to do; null when it has ended or needs somebody: see `reason` then. */
  @IsOptional() @ValidateNested() @Type(() => OrderWaitV1) waiting!: OrderWaitV1 | null;
  /** The total asked for. */
  @IsOptional() @IsInt() seats!: number | null;
  @IsOptional() @IsIn(['now', 'renewal']) when!: 'now' | 'renewal' | null;
  @IsOptional() @IsBoolean() autoRenew!: boolean | null;
  @IsBoolean() withdrawAsked!: boolean;
  /** How often it may have been sent. */
  @IsInt() attempts!: number;
  @IsISO8601() askedAt!: string;
  @IsOptional() @IsISO8601() finishedAt!: string | null;
  @IsOptional() @IsISO8601() nextStepAt!: string | null;
  /** An order ahead of it in its queue, for which it waits. */
  @IsOptional() @IsUUID() waitsFor?: string | null;
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => OrderHistoryView)
  history?: OrderHistoryView[];
}

export function showRecord(
  record: OrderRecord,
  subscriptionId: string | null,
  wait: WaitFacts | null = null,
): OrderView {
  const { ask, askedAt, finishedAt, nextStepAt, terms } = record;
  const bought = ask.kind === 'create' || ask.kind === 'change-quantity' ? ask : null;
  return {
    id: record.id,
    kind: ask.kind,
    status: record.status,
    reason: record.reason,
    marker: record.marker,
    subscriptionId,
    cmpAccountId: ask.cmpAccountId,
    cmpSubscriptionId: record.cmpSubscriptionId,
    cmpOrderId: record.cmpOrderId,
    cmpOrderNumber: record.cmpOrderNumber,
    cmpStatus: record.cmpStatus,
    cmpStatusCode: record.cmpStatusCode ?? null,
    vendor: bought?.product.vendor ?? null,
    mpn: bought?.product.mpn ?? null,
    productName: bought?.product.name ?? null,
    ...shownTerms(record),
    unitPrice: terms?.unitPrice ?? null,
    total: terms?.total ?? null,
    totalFrom: terms?.totalFrom ?? null,
    chargedTotal: record.charged ?? null,
    warnings: [...(record.warnings ?? [])],
    waiting: wait && describeWait(record, wait, defaultPatience),
    seats: bought?.seats ?? null,
    when: ask.kind === 'change-quantity' ? ask.when : null,
    autoRenew: ask.kind === 'renewal-setting' ? ask.autoRenew : null,
    withdrawAsked: record.withdrawAsked,
    attempts: record.attempts,
    askedAt: isoTime(new Date(askedAt)),
    finishedAt: finishedAt === null ? null : isoTime(new Date(finishedAt)),
    nextStepAt: finishedAt === null ? isoTime(new Date(nextStepAt)) : null,
  };
}

/** Orders from before terms were kept show those of their product. */
function shownTerms({ terms, ask }: OrderRecord): { term: string | null; billingPeriod: string | null } {
  const product = 'product' in ask ? ask.product : undefined;
  const print = (period: Period | undefined) => (period ? Period.print(period) : null);
  return {
    term: terms?.term ?? print(product?.term),
    billingPeriod: terms?.billingPeriod ?? print(product?.billingPeriod),
  };
}

export const showOrder = ({ record, subscriptionId, wait }: OrderRow): OrderView =>
  showRecord(record, subscriptionId, wait);

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
import { isoTime } from '@isthmus/service-kit';
import { orderKinds, type OrderKind } from '../domain/order/order-ask.ts';
import { orderStatuses, type OrderStatus } from '../domain/order/order-lifecycle.ts';
import type { OrderRecord } from '../domain/order/order-record.ts';
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
  @IsOptional() @IsString() mpn!: string | null;
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

export function showRecord(record: OrderRecord, subscriptionId: string | null): OrderView {
  const { ask, askedAt, finishedAt, nextStepAt } = record;
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
    mpn: bought?.product.mpn ?? null,
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

export const showOrder = ({ record, subscriptionId }: OrderRow): OrderView =>
  showRecord(record, subscriptionId);

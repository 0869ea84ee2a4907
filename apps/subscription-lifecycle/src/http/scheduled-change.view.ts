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
import { isoTime } from '@isthmus/service-kit';
import type { OrderRefused } from '../domain/order-refused.error.ts';
import { meaningOf, scheduledKinds, type ScheduledKind } from '../domain/schedule/scheduled-change.ts';
import { scheduledStatuses, type ScheduledStatus } from '../domain/schedule/schedule-lifecycle.ts';
import { plannedChange, type ScheduledChangeRow } from '../persistence/scheduled-change-row.ts';
import { OrderReasonView } from './order.view.ts';

export class ScheduledChangeView {
  @IsUUID() id!: string;
  @IsUUID() subscriptionId!: string;
  @IsIn(scheduledKinds) kind!: ScheduledKind;
  @IsIn(scheduledStatuses) status!: ScheduledStatus;
  /** Why it is proposed, failed, was cancelled or wiped. */
  @IsOptional() @ValidateNested() @Type(() => OrderReasonView) reason!: OrderReasonView | null;
  /** The new total. */
  @IsOptional() @IsInt() seats!: number | null;
  @IsOptional() @IsBoolean() autoRenew!: boolean | null;
  @IsOptional() @IsString() mpn!: string | null;
  /** An instant, or `renewal`. */
  @IsString() at!: string;
  @IsBoolean() dropScheduledChanges!: boolean;
  /** What is done for it, where the kind and the time do not say so. */
  @IsOptional() @IsString() meaning!: string | null;
  /** What would refuse it at its time if nothing else happened until then; of one that is proposed or planned. */
  @IsOptional() @ValidateNested() @Type(() => OrderReasonView) foreseen?: OrderReasonView | null;
  /** The order that carries it out. */
  @IsOptional() @IsUUID() orderId!: string | null;
  /** The order that was wiped out, of one that is proposed again. */
  @IsOptional() @IsUUID() insteadOfOrderId!: string | null;
  @IsString() askedBy!: string;
  @IsISO8601() createdAt!: string;
  @IsISO8601() updatedAt!: string;
  @IsInt() version!: number;
}

export function showScheduledChange(row: ScheduledChangeRow): ScheduledChangeView {
  const { id, subscriptionId, kind, status, reason, seats, autoRenew, mpn, dropScheduledChanges } = row;
  const { orderId, insteadOfOrderId, askedBy, createdAt, updatedAt, version } = row;
  return {
    id,
    subscriptionId,
    kind,
    status,
    reason,
    seats,
    autoRenew,
    mpn,
    at: row.dueAt === null ? 'renewal' : isoTime(new Date(row.dueAt)),
    dropScheduledChanges,
    meaning: meaningOf(plannedChange(row)),
    orderId,
    insteadOfOrderId,
    askedBy,
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
    version,
  };
}

/** With what is foreseen of it. */
export const showForeseen = (row: ScheduledChangeRow, refusal: OrderRefused | null): ScheduledChangeView => ({
  ...showScheduledChange(row),
  foreseen: refusal && {
    code: refusal.code.replace(/^order\./, ''),
    detail: refusal.message,
    nextStep: refusal.nextStep,
  },
});

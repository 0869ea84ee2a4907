import { IfGiven, isoTime, PageQuery } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { OrderReasonView } from '../orders/orders.dto.ts';
import {
  describeMeaning,
  plannedChange,
  type ScheduledChangeRow,
  type ScheduledFor,
  type ScheduledKind,
  scheduledKinds,
  type ScheduledStatus,
  scheduledStatuses,
} from './scheduled-change.ts';
import type { PreviewedChange } from './scheduled-changes.service.ts';

/** With its time zone, because a time without one would be ambiguous. */
const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/;

export class ScheduleChange {
  @IsUUID() subscriptionId!: string;
  @IsIn(scheduledKinds) kind!: ScheduledKind;
  /** For a change of quantity: the new total, never a difference. */
  @ValidateIf(({ kind, seats }: ScheduleChange) => kind === 'change-quantity' || seats != null)
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  seats?: number;
  /** For a change of quantity of a subscription with several lines. */
  @IsOptional() @IsString() @Length(1, 255) mpn?: string;
  /** Of a renewal setting. */
  @ValidateIf(({ kind, autoRenew }: ScheduleChange) => kind === 'renewal-setting' || autoRenew != null)
  @IsBoolean()
  autoRenew?: boolean;
  /** A date-time with its zone, such as `2026-12-24T08:00:00Z`, or `renewal`. */
  @ValidateIf(({ at }: ScheduleChange) => at !== 'renewal')
  @IsISO8601({ strict: true })
  @Matches(zoned)
  at!: string;
  /** For a change at a given time: what CMP holds for the renewal may be lost by it. */
  @IfGiven() @IsBoolean() dropScheduledChanges?: boolean;
}

/** What is left out stays. */
export class EditScheduledChange {
  @IfGiven() @IsInt() @Min(1) @Max(1_000_000) seats?: number;
  @ValidateIf(({ at }: EditScheduledChange) => at !== undefined && at !== 'renewal')
  @IsISO8601({ strict: true })
  @Matches(zoned)
  at?: string;
}

export class ScheduledChangeQuery extends PageQuery {
  @IsOptional() @IsIn(scheduledStatuses) status?: ScheduledStatus;
  @IsOptional() @IsUUID() subscriptionId?: string;
}

export const scheduledFor = (at: string): ScheduledFor => (at === 'renewal' ? at : Date.parse(at));

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
  /** A date-time, or `renewal`. */
  @IsString() at!: string;
  @IsBoolean() dropScheduledChanges!: boolean;
  /** What is done for it, if the kind and the time do not show that. */
  @IsOptional() @IsString() meaning!: string | null;
  /** Why it would be refused when it is due, if nothing else happened until then; for one that is proposed or planned. */
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
    meaning: describeMeaning(plannedChange(row)),
    orderId,
    insteadOfOrderId,
    askedBy,
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
    version,
  };
}

/** With the preview of its refusal. */
export const showPreviewed = ({ row, refusal }: PreviewedChange): ScheduledChangeView => ({
  ...showScheduledChange(row),
  foreseen: refusal && {
    code: refusal.code.replace(/^order\./, ''),
    detail: refusal.message,
    nextStep: refusal.nextStep,
  },
});

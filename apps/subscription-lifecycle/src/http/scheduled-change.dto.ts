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
} from 'class-validator';
import { IfGiven, PageQuery } from '@isthmus/service-kit';
import {
  scheduledKinds,
  type ScheduledFor,
  type ScheduledKind,
} from '../domain/schedule/scheduled-change.ts';
import { scheduledStatuses, type ScheduledStatus } from '../domain/schedule/schedule-lifecycle.ts';

/** With its zone: an hour without one would be somebody's guess. */
const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/;

export class ScheduleChange {
  @IsUUID() subscriptionId!: string;
  @IsIn(scheduledKinds) kind!: ScheduledKind;
  /** Of a change of quantity: the new total, never a difference. */
  @ValidateIf(({ kind, seats }: ScheduleChange) => kind === 'change-quantity' || seats != null)
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  seats?: number;
  /** Of a change of quantity, where the subscription has several lines. */
  @IsOptional() @IsString() @Length(1, 255) mpn?: string;
  /** Of a renewal setting. */
  @ValidateIf(({ kind, autoRenew }: ScheduleChange) => kind === 'renewal-setting' || autoRenew != null)
  @IsBoolean()
  autoRenew?: boolean;
  /** An instant with its zone, such as `2026-12-24T08:00:00Z`, or `renewal`. */
  @ValidateIf(({ at }: ScheduleChange) => at !== 'renewal')
  @IsISO8601({ strict: true })
  @Matches(zoned)
  at!: string;
  /** Of a change at an instant: what CMP keeps for the renewal may be lost by it. */
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

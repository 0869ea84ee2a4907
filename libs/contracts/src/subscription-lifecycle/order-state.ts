import { Type } from 'class-transformer';
import { IsIn, IsISO8601, IsOptional, IsUUID, Length, ValidateNested } from 'class-validator';
import { orderedKinds, type OrderedKind } from './order-facts.ts';
import { OrderReasonV1 } from './order-reason.ts';
import { OrderWaitV1 } from './order-wait.ts';

/** `running`: it may still become either. `raised`: it needs somebody, and may still become either. */
export const orderOutcomes = ['running', 'settled', 'refused', 'withdrawn', 'raised'] as const;
export type OrderOutcome = (typeof orderOutcomes)[number];

/** How an order stands. */
export class OrderStateV1 {
  @IsUUID() orderId!: string;
  @IsIn(orderedKinds) kind!: OrderedKind;
  @IsIn(orderOutcomes) outcome!: OrderOutcome;
  @IsOptional() @ValidateNested() @Type(() => OrderReasonV1) reason?: OrderReasonV1;
  /** While it is running: what it waits for. */
  @IsOptional() @ValidateNested() @Type(() => OrderWaitV1) waiting?: OrderWaitV1;
  @IsOptional() @Length(1, 64) cmpSubscriptionId?: string;
  /** Ours; of a purchase it is there once CMP's subscription was read. */
  @IsOptional() @IsUUID() subscriptionId?: string;
  @IsISO8601() askedAt!: string;
  @IsOptional() @IsISO8601() finishedAt?: string;
}

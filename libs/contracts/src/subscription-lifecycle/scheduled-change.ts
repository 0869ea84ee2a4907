import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsUUID,
  Length,
  Min,
  ValidateNested,
} from 'class-validator';
import { Event } from '../contract.ts';
import { OrderReasonV1 } from './order.ts';

export const scheduledChangeStatuses = [
  'proposed',
  'planned',
  'ordered',
  'done',
  'failed',
  'cancelled',
  'wiped',
] as const;

@Event({
  eventType: 'subscription-lifecycle.scheduled-change-updated.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'scheduled-change',
  summary:
    'A change of a subscription was scheduled, edited, ordered or carried out, or will not happen; see its status.',
})
export class ScheduledChangeUpdatedV1 {
  @IsUUID() connectorId!: string;
  @IsUUID() scheduledChangeId!: string;
  @IsUUID() subscriptionId!: string;
  @IsIn(['change-quantity', 'cancel', 'renewal-setting']) kind!:
    'change-quantity' | 'cancel' | 'renewal-setting';
  /** The new total; of a change of quantity. */
  @IsOptional() @IsInt() @Min(1) seats?: number;
  /** Only for a renewal setting. */
  @IsOptional() @IsBoolean() autoRenew?: boolean;
  @IsOptional() @Length(1, 255) mpn?: string;
  /** Absent when it is for the renewal, whenever that is. */
  @IsOptional() @IsISO8601({ strict: true }) at?: string;
  @IsIn(scheduledChangeStatuses) status!: (typeof scheduledChangeStatuses)[number];
  /** The order that carries it out. */
  @IsOptional() @IsUUID() orderId?: string;
  /** The order that was wiped out, of a change that is proposed again. */
  @IsOptional() @IsUUID() insteadOfOrderId?: string;
  /** The reason why it is proposed, failed or was wiped. */
  @IsOptional() @ValidateNested() @Type(() => OrderReasonV1) reason?: OrderReasonV1;
  /** The subject of the user who requested it, or the service's name. */
  @Length(1, 200) requestedBy!: string;
}

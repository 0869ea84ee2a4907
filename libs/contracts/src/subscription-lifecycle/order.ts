import { Type } from 'class-transformer';
import {
  IsDefined,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsUrl,
  IsUUID,
  Length,
  Matches,
  Min,
  ValidateNested,
} from 'class-validator';
import { Event } from '../contract.ts';
import { isoPeriod, MoneyV1 } from '../values.ts';

/** Human-readable reason why an order was refused or needs attention. */
export class OrderReasonV1 {
  /** Stable. */
  @Length(1, 100) code!: string;
  @Length(1, 4000) detail!: string;
  @Length(1, 2000) nextStep!: string;
  /** CMP's, for its support. */
  @IsOptional() @Length(1, 200) correlationId?: string;
}

export const orderedKinds = ['create', 'change-quantity', 'cancel', 'renewal-setting'] as const;
export type OrderedKind = (typeof orderedKinds)[number];

/** The fields of every event of an order. */
export class OrderFieldsV1 {
  @IsUUID() connectorId!: string;
  @IsUUID() orderId!: string;
  @IsIn(orderedKinds) kind!: OrderedKind;
  /** CMP's ids. */
  @Length(1, 64) cmpAccountId!: string;
  @IsOptional() @Length(1, 64) cmpSubscriptionId?: string;
  @IsOptional() @Length(1, 64) cmpOrderId?: string;
  @IsOptional() @Length(1, 64) cmpOrderNumber?: string;
  /** Ours; absent while a purchase has not brought one about. */
  @IsOptional() @IsUUID() subscriptionId?: string;
  @IsOptional() @Length(1, 255) mpn?: string;
  /** The requested total. */
  @IsOptional() @IsInt() @Min(0) seats?: number;
  @IsOptional() @Length(0, 255) vendor?: string;
  @IsOptional() @Length(0, 500) productName?: string;
  /** Term of the product bought or the subscription changed. */
  @IsOptional() @Matches(isoPeriod) term?: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  /** Per seat and billing period. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) unitPrice?: MoneyV1;
  /** The expected cost of the whole order; a refund is negative. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) total?: MoneyV1;
  /** The cost according to CMP's order. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) chargedTotal?: MoneyV1;
  /** The subject of the user who requested it, or the service's name. */
  @Length(1, 200) requestedBy!: string;
}

export const orderWaitCauses = [
  'another-order',
  'connector-paused',
  'portal-confirmation',
  'customer-acceptance',
  'cmp',
  'renewal',
  'approval',
] as const;
export type OrderWaitCause = (typeof orderWaitCauses)[number];

/** The reason why an order waits, the deadline, and what users can do meanwhile. */
export class OrderWaitV1 {
  @IsIn(orderWaitCauses) for!: OrderWaitCause;
  /** One human-readable sentence. */
  @Length(1, 2000) detail!: string;
  @Length(1, 2000) nextStep!: string;
  /** When it stops waiting on its own or is escalated. */
  @IsOptional() @IsISO8601({ strict: true }) until?: string;
  /** The order that goes first. */
  @IsOptional() @IsUUID() orderId?: string;
  /** Where the customer accepts the terms, as provided by CMP. */
  @IsOptional() @IsUrl({ protocols: ['https'], require_protocol: true }) link?: string;
}

/** `running`: it may still become either. `escalated`: it needs attention, and may still become either. */
export const orderOutcomes = ['running', 'settled', 'refused', 'withdrawn', 'escalated'] as const;
export type OrderOutcome = (typeof orderOutcomes)[number];

/** The state of an order. */
export class OrderStateV1 {
  @IsUUID() orderId!: string;
  @IsIn(orderedKinds) kind!: OrderedKind;
  @IsIn(orderOutcomes) outcome!: OrderOutcome;
  @IsOptional() @ValidateNested() @Type(() => OrderReasonV1) reason?: OrderReasonV1;
  /** While it is running: what it is waiting for. */
  @IsOptional() @ValidateNested() @Type(() => OrderWaitV1) waiting?: OrderWaitV1;
  @IsOptional() @Length(1, 64) cmpSubscriptionId?: string;
  /** Ours; for a purchase, it is present once CMP's subscription has been read. */
  @IsOptional() @IsUUID() subscriptionId?: string;
  @IsISO8601() requestedAt!: string;
  @IsOptional() @IsISO8601() finishedAt?: string;
}

@Event({
  eventType: 'subscription-lifecycle.order-placed.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'order',
  summary: 'CMP has accepted an order.',
})
export class OrderPlacedV1 extends OrderFieldsV1 {}

@Event({
  eventType: 'subscription-lifecycle.order-settled.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'order',
  summary: 'CMP has completed an order, and re-reading the subscription confirmed it.',
})
export class OrderSettledV1 extends OrderFieldsV1 {}

@Event({
  eventType: 'subscription-lifecycle.order-refused.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'order',
  summary: 'An order will not be carried out; nothing has changed at CMP.',
})
export class OrderRefusedV1 extends OrderFieldsV1 {
  @ValidateNested() @Type(() => OrderReasonV1) reason!: OrderReasonV1;
}

@Event({
  eventType: 'subscription-lifecycle.order-withdrawn.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'order',
  summary: 'An order was withdrawn before it took effect.',
})
export class OrderWithdrawnV1 extends OrderFieldsV1 {}

@Event({
  eventType: 'subscription-lifecycle.order-escalated.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'order',
  summary: 'An order needs manual intervention: its outcome is unknown, or CMP does not complete it.',
})
export class OrderEscalatedV1 extends OrderFieldsV1 {
  @ValidateNested() @Type(() => OrderReasonV1) reason!: OrderReasonV1;
}

/** The approval that is requested from another user. */
export class OrderApprovalV1 {
  /** Hash of the complete content of the order; the approver has to send it. */
  @Length(1, 100) hash!: string;
  /** The limits of the connector that the order reaches, as text. */
  @Length(1, 2000) detail!: string;
  @IsISO8601({ strict: true }) expiresAt!: string;
}

@Event({
  eventType: 'subscription-lifecycle.order-approval-requested.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'order',
  summary:
    'An order waits until a user other than its requester approves or rejects it. Nothing is sent to CMP until then; without a decision it is refused as expired.',
})
export class OrderApprovalRequestedV1 extends OrderFieldsV1 {
  @IsDefined() @ValidateNested() @Type(() => OrderApprovalV1) approval!: OrderApprovalV1;
}

@Event({
  eventType: 'subscription-lifecycle.order-approved.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'order',
  summary: 'A user approved an order; it is now carried out.',
})
export class OrderApprovedV1 extends OrderFieldsV1 {
  @Length(1, 100) hash!: string;
  /** Subject of the approver. */
  @Length(1, 200) approvedBy!: string;
}

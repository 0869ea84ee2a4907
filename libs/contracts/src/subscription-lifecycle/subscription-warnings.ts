import { IsBoolean, IsIn, IsInt, IsISO8601, IsOptional, IsUUID, Length, Min } from 'class-validator';
import { Event } from '../contract.ts';

/** Extended term: it continues month by month at a higher price until it is cancelled, which can be done any day. */
export const renewalOutcomes = ['renews', 'ends', 'ends-or-extended-term', 'extended-term'] as const;

@Event({
  eventType: 'subscription-lifecycle.renewal-announced.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'subscription',
  summary: 'The term of a subscription ends soon; published once per renewal date and warning time.',
})
export class RenewalAnnouncedV1 {
  @IsUUID() connectorId!: string;
  @IsUUID() subscriptionId!: string;
  @Length(1, 64) cmpSubscriptionId!: string;
  @Length(1, 64) cmpAccountId!: string;
  @Length(0, 500) name!: string;
  @IsISO8601() renewalDate!: string;
  /** The configured lead time of this warning; the date may be nearer. */
  @IsInt() @Min(1) daysAhead!: number;
  /** Doing nothing renews it, or else lets it end. */
  @IsBoolean() autoRenew!: boolean;
  /** The result if nothing is done; only the vendor knows which of the two applies. */
  @IsOptional() @IsIn(renewalOutcomes) outcome?: (typeof renewalOutcomes)[number];
  /** Total of all its lines; absent if CMP's detail has not been read. */
  @IsOptional() @IsInt() @Min(0) seats?: number;
  /** Whether a change of it is scheduled here, or at CMP for the renewal. */
  @IsBoolean() changesScheduled!: boolean;
  /** Absent while unassigned. */
  @IsOptional() @IsUUID() billingContractId?: string;
}

@Event({
  eventType: 'subscription-lifecycle.window-closing-announced.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'subscription',
  summary:
    'Seats can be returned only for a little longer; published once per addition of seats and warning time.',
})
export class WindowClosingAnnouncedV1 {
  @IsUUID() connectorId!: string;
  @IsUUID() subscriptionId!: string;
  @Length(1, 64) cmpSubscriptionId!: string;
  @Length(1, 64) cmpAccountId!: string;
  @Length(0, 500) name!: string;
  @Length(1, 255) mpn!: string;
  /** Number of seats that can be returned until then and not afterwards. */
  @IsInt() @Min(1) seats!: number;
  @IsISO8601({ strict: true }) closesAt!: string;
  /** The configured lead time of this warning; the date may be nearer. */
  @IsInt() @Min(1) hoursAhead!: number;
}

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
  /** How long before it this was to be published, by the settings; it may be nearer. */
  @IsInt() @Min(1) daysAhead!: number;
  /** Doing nothing renews it, or else lets it end. */
  @IsBoolean() autoRenew!: boolean;
  /** What happens to it if nothing is done; which of the two applies, only the vendor knows. */
  @IsOptional() @IsIn(renewalOutcomes) outcome?: (typeof renewalOutcomes)[number];
  /** Of all its lines together; absent while CMP's detail was not read. */
  @IsOptional() @IsInt() @Min(0) seats?: number;
  /** Whether a change of it is scheduled here, or held by CMP for the renewal. */
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
  /** How many seats can be taken back until then and not any more afterwards. */
  @IsInt() @Min(1) seats!: number;
  @IsISO8601({ strict: true }) closesAt!: string;
  /** How long before it this was to be published, by the settings; it may be nearer. */
  @IsInt() @Min(1) hoursAhead!: number;
}

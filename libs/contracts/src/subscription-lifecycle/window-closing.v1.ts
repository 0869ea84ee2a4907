import { IsInt, IsISO8601, IsUUID, Length, Min } from 'class-validator';
import { Event } from '../event-contract.ts';

@Event({
  subject: 'subscription-lifecycle.window-closing.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'subscription',
  summary:
    'Seats can be taken back only a little longer; said once for each addition of seats and each time ahead.',
})
export class WindowClosingV1 {
  @IsUUID() connectorId!: string;
  @IsUUID() subscriptionId!: string;
  @Length(1, 64) cmpSubscriptionId!: string;
  @Length(1, 64) cmpAccountId!: string;
  @Length(0, 500) name!: string;
  @Length(1, 255) mpn!: string;
  /** How many seats can be taken back until then and not any more afterwards. */
  @IsInt() @Min(1) seats!: number;
  @IsISO8601({ strict: true }) closesAt!: string;
  /** How long before it this was to be said, by the settings; it may be nearer. */
  @IsInt() @Min(1) hoursAhead!: number;
}

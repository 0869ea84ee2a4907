import { IsISO8601, IsOptional, IsUUID, Length } from 'class-validator';
import { Event } from '../event-contract.ts';

@Event({
  subject: 'account-sync.provider-order-seen.v1',
  producer: 'account-sync',
  aggregate: 'provider-order',
  summary: 'CMP lists an order that was not there before, whoever placed it.',
})
export class ProviderOrderSeenV1 {
  @IsUUID() connectorId!: string;
  @Length(1, 64) cmpOrderId!: string;
  @Length(0, 64) orderNumber!: string;
  /** CMP's word: `sales`, `change`, `cancellation`, `renewal` … */
  @Length(1, 64) type!: string;
  /** CMP's word. */
  @Length(1, 64) status!: string;
  @IsOptional() @Length(1, 64) statusCode?: string;
  @Length(1, 64) cmpAccountId!: string;
  @IsOptional() @Length(1, 64) cmpSubscriptionId?: string;
  @IsOptional() @IsISO8601() createdAt?: string;
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}

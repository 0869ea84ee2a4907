import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsUUID,
  Length,
  ValidateNested,
} from 'class-validator';
import { Event } from '../contract.ts';

/** The effect of an order on one product, from CMP's detail of the order. */
export class ProviderOrderLineV1 {
  @Length(1, 255) mpn!: string;
  @IsOptional() @Length(0, 255) vendor?: string;
  /** CMP's id of the product. */
  @IsOptional() @Length(0, 255) productId?: string;
  /** Seats bought; of a change the signed difference, but the new total where the order waits for the renewal. */
  @IsNumber() quantity!: number;
  /** The subscription of the line, if the order concerns several. */
  @IsOptional() @Length(1, 64) cmpSubscriptionId?: string;
}

/** The fields of both events of an order at CMP. */
abstract class ProviderOrderFieldsV1 {
  @IsUUID() connectorId!: string;
  @Length(1, 64) cmpOrderId!: string;
  @Length(0, 64) orderNumber!: string;
  /** CMP's value: `sales`, `change`, `cancellation`, `renewal` … */
  @Length(1, 64) type!: string;
  /** CMP's value. */
  @Length(1, 64) status!: string;
  @IsOptional() @Length(1, 64) statusCode?: string;
  @Length(1, 64) cmpAccountId!: string;
  @IsOptional() @Length(1, 64) cmpSubscriptionId?: string;
  @IsOptional() @IsISO8601() createdAt?: string;
  /** CMP's value: `renewal` for a change that waits for the end of the term. Only known once the order's detail was read. */
  @IsOptional() @Length(1, 64) scheduledOn?: string;
  /** An upgrade, a switch of plan or a transfer: its lines name seats that existed before, not added ones. */
  @IsOptional() @IsBoolean() upgrade?: boolean;
  /** Absent while only the list has been read, which has none. Empty: an order without lines, such as a renewal. */
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ProviderOrderLineV1)
  lines?: ProviderOrderLineV1[];
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}

@Event({
  eventType: 'account-sync.provider-order-seen.v1',
  producer: 'account-sync',
  aggregate: 'provider-order',
  summary: 'CMP lists an order that it did not list before, no matter who placed it.',
})
export class ProviderOrderSeenV1 extends ProviderOrderFieldsV1 {}

@Event({
  eventType: 'account-sync.provider-order-settled.v1',
  producer: 'account-sync',
  aggregate: 'provider-order',
  summary:
    'CMP has completed or failed an order; published again with subscription and lines once its detail has been read.',
})
export class ProviderOrderSettledV1 extends ProviderOrderFieldsV1 {}

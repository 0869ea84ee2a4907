import { IsIn, IsInt, IsOptional, IsUUID, Length, Min } from 'class-validator';

export const orderedKinds = ['create', 'change-quantity', 'cancel', 'renewal-setting'] as const;
export type OrderedKind = (typeof orderedKinds)[number];

/** What every event of an order says of it. */
export class OrderFactsV1 {
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
  /** The total asked for. */
  @IsOptional() @IsInt() @Min(0) seats?: number;
  /** The subject of whoever asked, or the service's name. */
  @Length(1, 200) askedBy!: string;
}

import { IsNumber, IsOptional, Length } from 'class-validator';

/** What an order does to one product, as CMP's detail of the order has it. */
export class ProviderOrderLineV1 {
  @Length(1, 255) mpn!: string;
  @IsOptional() @Length(0, 255) vendor?: string;
  /** CMP's id of the product. */
  @IsOptional() @Length(0, 255) productId?: string;
  /** Seats bought; of a change the signed difference, but the new total where the order waits for the renewal. */
  @IsNumber() quantity!: number;
  /** Where the order is about several. */
  @IsOptional() @Length(1, 64) cmpSubscriptionId?: string;
}

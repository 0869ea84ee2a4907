import { IsIn, IsOptional } from 'class-validator';
import { Event } from '../event-contract.ts';
import { ProductFactsV1 } from './product-facts.ts';

export const withdrawalReasons = [
  /** A complete listing of CMP no longer has it. */
  'no-longer-listed',
  /** Its connector was removed here. */
  'connector-removed',
] as const;
export type WithdrawalReason = (typeof withdrawalReasons)[number];

@Event({
  subject: 'product-catalog.product-withdrawn.v1',
  producer: 'product-catalog',
  aggregate: 'product',
  summary:
    'A complete listing no longer has the product, or its connector was removed: it cannot be ordered. Subscriptions to it live on.',
})
export class ProductWithdrawnV1 extends ProductFactsV1 {
  @IsOptional() @IsIn(withdrawalReasons) reason?: WithdrawalReason;
}

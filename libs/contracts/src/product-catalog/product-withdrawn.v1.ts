import { Event } from '../event-contract.ts';
import { ProductFactsV1 } from './product-facts.ts';

@Event({
  subject: 'product-catalog.product-withdrawn.v1',
  producer: 'product-catalog',
  aggregate: 'product',
  summary: 'A complete listing no longer has the product: it cannot be ordered. Subscriptions to it live on.',
})
export class ProductWithdrawnV1 extends ProductFactsV1 {}

import { Event } from '../event-contract.ts';
import { ProductFactsV1 } from './product-facts.ts';

@Event({
  subject: 'product-catalog.product-appeared.v1',
  producer: 'product-catalog',
  aggregate: 'product',
  summary: 'CMP lists a product that was not there before, or is back.',
})
export class ProductAppearedV1 extends ProductFactsV1 {}

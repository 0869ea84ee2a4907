import { IsArray, IsString } from 'class-validator';
import { Event } from '../event-contract.ts';
import { ProductFactsV1 } from './product-facts.ts';

@Event({
  subject: 'product-catalog.product-changed.v1',
  producer: 'product-catalog',
  aggregate: 'product',
  summary: 'CMP tells something new about a product; the values are the new ones.',
})
export class ProductChangedV1 extends ProductFactsV1 {
  /** Names of what differs: name, prices, minimum … */
  @IsArray() @IsString({ each: true }) changed!: string[];
}

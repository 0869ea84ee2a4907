import { readProduct } from '../records/product.ts';
import type { CallOptions, PageQuery, Sender } from './sender.ts';

export interface ProductQuery extends PageQuery {
  name?: string;
  serviceName?: string;
  mpn?: string;
  vendor?: string;
}

/** The catalogue. There is no detail call: a list row is all there is. */
export class Products {
  constructor(private readonly sender: Sender) {}

  page(query: ProductQuery = {}, options?: CallOptions) {
    return this.sender.page('products.page', '/products', { ...query }, readProduct, options);
  }
}

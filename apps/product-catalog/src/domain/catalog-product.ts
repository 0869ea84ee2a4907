import type { Candidate } from './resolve-part-number.ts';
import type { CatalogPrice } from './product.entity.ts';

/** A product with what resolution, suggestions and orders need of it. */
export interface CatalogProduct extends Candidate {
  cmpProductId: string | null;
  vendorKey: string;
  mpnKey: string;
  name: string;
  serviceName: string | null;
  billingModel: string | null;
  minimum: number | null;
  maximum: number | null;
  prices: CatalogPrice[];
  costs: CatalogPrice[];
  dependsOn: { mpn?: string; id?: string }[];
}

import type { Period } from '../rules/period.ts';

/** One row of `GET /products`: a product in one term and billing combination, priced per seat and billing period. */
export interface CatalogueItem {
  /** Position in the catalogue. */
  index: number;
  /** CMP's product id, unique; the part number is not. */
  id: string;
  mpn: string;
  vendor: string;
  serviceName: string;
  name: string;
  kind: 'nce' | 'legacy' | 'other' | 'trial' | 'azure';
  /** Too new for anybody to have it when the world begins. */
  launched?: true | undefined;
  term: Period;
  billing: Period;
  priceCents: number;
  costCents: number;
  minimum: number;
  maximum: number;
  /** The offer behind the row: what is bought of one plan lands in one subscription. */
  planId: number;
  /** The product that must be in the same subscription; CMP adds it to an order that lacks it. */
  dependsOn?: number | undefined;
}

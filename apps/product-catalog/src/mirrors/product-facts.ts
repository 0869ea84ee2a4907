import { Period } from '@isthmus/domain';
import type { CmpProduct } from '@isthmus/cmp-client';
import type { ProductFactsV1 } from '@isthmus/contracts';
import type { ChangeOrigin } from '@isthmus/sync-engine';
import { plainName } from '../domain/name-product.ts';

/** What is said of a product in every event about it. */
export interface ToldProduct {
  productId: string;
  cmpId: string;
  vendor: string;
  mpn: string;
  name: string;
  serviceName: string | null;
  billingPeriod: string | null;
  term: string | null;
}

export const toldProduct = (productId: string, value: CmpProduct): ToldProduct => ({
  productId,
  cmpId: value.id,
  vendor: value.vendor,
  mpn: value.mpn,
  name: value.name ?? '',
  serviceName: value.serviceName ?? null,
  billingPeriod: Period.iso(value.billingPeriod),
  term: Period.iso(value.subscriptionPeriod),
});

export function productFacts(product: ToldProduct, { connectorId, asOf }: ChangeOrigin): ProductFactsV1 {
  const { productId, cmpId, vendor, mpn, name, serviceName, billingPeriod, term } = product;
  return {
    connectorId,
    productId,
    cmpProductId: cmpId,
    vendor,
    mpn,
    partNumber: plainName(vendor, mpn),
    name,
    serviceName: serviceName ?? undefined,
    billingPeriod: billingPeriod ?? undefined,
    term: term ?? undefined,
    asOf,
  };
}

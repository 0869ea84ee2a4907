import type { PartNumberResolutionV1, ResolvedProductV1 } from '@isthmus/contracts';
import type { CatalogProduct } from './catalog-product.ts';
import type { CatalogPrice } from './product.entity.ts';
import type { Resolution } from './resolve-part-number.ts';

const mostShown = 8;

/** A resolution as the ask and the API answer it. */
export function showResolution(
  partNumber: string,
  { outcome, product, by, candidates, deciding, differs, reason }: Resolution<CatalogProduct>,
): PartNumberResolutionV1 {
  return {
    partNumber,
    outcome,
    product: product && showProduct(product),
    by,
    candidates: candidates.slice(0, mostShown).map(showProduct),
    candidateCount: candidates.length,
    deciding,
    differs,
    reason,
  };
}

/** Of a text that is no part number. */
export const notAPartNumber = (partNumber: string, error: Error): PartNumberResolutionV1 => ({
  partNumber,
  outcome: 'unknown',
  candidates: [],
  candidateCount: 0,
  deciding: [],
  differs: [],
  reason: error.message,
});

export function showProduct(product: CatalogProduct): ResolvedProductV1 {
  return {
    productId: product.id,
    cmpProductId: product.cmpProductId ?? undefined,
    vendor: product.vendor,
    mpn: product.mpn,
    name: product.name,
    serviceName: product.serviceName ?? undefined,
    billingPeriod: product.billingPeriod ?? undefined,
    term: product.term ?? undefined,
    billingModel: product.billingModel ?? undefined,
    minimum: product.minimum ?? undefined,
    maximum: product.maximum ?? undefined,
    unitPrice: unit(product.prices),
    unitCost: unit(product.costs),
    dependsOn: product.dependsOn,
  };
}

/** Recurring, of the lowest tier. */
function unit(prices: readonly CatalogPrice[]): { amount: string; currency: string } | undefined {
  const recurring = prices.filter(({ type = 'recurring' }) => type === 'recurring');
  const [first] = recurring.toSorted((a, b) => (a.lowerLimit ?? 0) - (b.lowerLimit ?? 0));
  return first && { amount: first.amount, currency: first.currency };
}

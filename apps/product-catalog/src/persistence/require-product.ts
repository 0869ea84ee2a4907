import type { TenantRows } from '@isthmus/service-kit';
import { MappingContradicts, ProductNotFound, ProductWithdrawn } from '../domain/mapping.errors.ts';
import { differences, type WithPeriods } from '../domain/narrow-by-periods.ts';

/**
 * Sees to it that a part number can be mapped to this product, for these periods ('' for any).
 * @throws ProductNotFound, also for one of another connector; ProductWithdrawn; MappingContradicts
 */
export async function requireProduct(
  rows: TenantRows,
  place: { connectorId: string; billingPeriod: string; term: string },
  productId: string,
): Promise<void> {
  const [product] = await rows.select<WithPeriods & { withdrawn: boolean }>(
    `select gone_at is not null as withdrawn, billing_period as "billingPeriod", term
     from products where tenant_id = $1 and connector_id = $2 and id = $3`,
    [place.connectorId, productId],
  );
  if (!product) throw new ProductNotFound(productId);
  if (product.withdrawn) throw new ProductWithdrawn(productId);
  const [fact] = differences(place, product);
  if (fact) throw new MappingContradicts(productId, fact, place[fact], product[fact]!);
}

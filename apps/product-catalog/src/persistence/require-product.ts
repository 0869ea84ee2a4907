import type { TenantRows } from '@isthmus/service-kit';
import { ProductNotFound, ProductWithdrawn } from '../domain/mapping.errors.ts';

/**
 * Sees to it that a part number can be mapped to this product.
 * @throws ProductNotFound, also for one of another connector; ProductWithdrawn
 */
export async function requireProduct(
  rows: TenantRows,
  connectorId: string,
  productId: string,
): Promise<void> {
  const [product] = await rows.select<{ withdrawn: boolean }>(
    'select gone_at is not null as withdrawn from products where tenant_id = $1 and connector_id = $2 and id = $3',
    [connectorId, productId],
  );
  if (!product) throw new ProductNotFound(productId);
  if (product.withdrawn) throw new ProductWithdrawn(productId);
}

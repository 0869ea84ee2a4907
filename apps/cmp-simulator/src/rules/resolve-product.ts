import { CmpRefusal } from '../wire/errors.ts';
import type { CatalogueItem } from '../catalogue/catalogue.ts';
import type { World } from '../world/world.ts';
import type { LineRequest } from '../orders/order-request.ts';
import { samePeriod } from '../world/period.ts';

/**
 * The one catalogue row that a line means. A part number alone is often not enough, since it recurs per billing and
 * term: the line must then say more (vendor, id, periods), or it is refused (400).
 */
export function resolveProduct(world: World, line: LineRequest): CatalogueItem {
  const found = world.catalogue.filter(
    (item) =>
      !world.withdrawn.has(item.index) &&
      (line.mpn ?? item.mpn) === item.mpn &&
      (line.id ?? item.id) === item.id &&
      (line.vendor ?? item.vendor) === item.vendor &&
      (!line.billingPeriod || samePeriod(item.billing, line.billingPeriod)) &&
      (!line.subscriptionPeriod || samePeriod(item.term, line.subscriptionPeriod)),
  );
  const named = line.mpn ?? line.id;
  if (!named) throw new CmpRefusal(400, 'Each product must be identified by mpn or id.');
  if (found.length === 0) throw new CmpRefusal(400, `Product not found: ${named}.`);
  if (found.length > 1)
    throw new CmpRefusal(
      400,
      `Product ${named} is not unique: ${found.length} products match. Specify additional parameters to identify it: vendor, id, billingPeriod, subscriptionPeriod.`,
    );
  return found[0]!;
}

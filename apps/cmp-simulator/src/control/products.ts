import type { CatalogueItem } from '../catalogue/catalogue.ts';
import type { World } from '../world/world.ts';

/** What the distributor may change about a catalogue row. */
export type ProductPatch = Partial<
  Pick<CatalogueItem, 'name' | 'mpn' | 'vendor' | 'priceCents' | 'costCents' | 'minimum' | 'maximum'>
>;

/** Changes a catalogue row by CMP's product id. */
export function patchProduct(world: World, id: string, patch: ProductPatch): CatalogueItem {
  return Object.assign(itemOf(world, id), patch);
}

/** The row is no longer offered; subscriptions to it live on. */
export function withdrawProduct(world: World, id: string): void {
  world.withdrawn.add(itemOf(world, id).index);
}

function itemOf(world: World, id: string): CatalogueItem {
  const found = world.catalogue.find((item) => item.id === id);
  if (!found) throw new RangeError(`There is no product ${id}.`);
  return found;
}

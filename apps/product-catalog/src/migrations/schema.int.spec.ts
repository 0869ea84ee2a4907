import { keyRing, schemaDifferences } from '@isthmus/testing';
import { productCatalogOptions } from '../product-catalog.options.ts';

it('has tables that are exactly what the entities declare', async () => {
  expect(await schemaDifferences(productCatalogOptions, { SECRET_RING: keyRing('k1') })).toEqual({
    wrong: [],
    // Of the sync engine, which reads and writes it by SQL alone.
    undeclared: ['table sync_seen'],
  });
});

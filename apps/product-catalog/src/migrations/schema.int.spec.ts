import { keyRing, schemaDifferences } from '@isthmus/testing';
import { productCatalogOptions } from '../product-catalog.options.ts';

/** Tables of the sync engine are made and declared there; what its entities do not say is not for this service to say. */
const ofSyncEngine = /^(?:table )?(?:connectors|sync_\w+)\b/;

it('has tables that are exactly what the entities declare', async () => {
  const { wrong, undeclared } = await schemaDifferences(productCatalogOptions, {
    SECRET_RING: keyRing('k1'),
  });
  const own = (differences: string[]) => differences.filter((one) => !ofSyncEngine.test(one));
  expect({ wrong: own(wrong), undeclared: own(undeclared) }).toEqual({ wrong: [], undeclared: [] });
});

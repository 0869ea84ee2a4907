import { keyRing, schemaDifferences } from '@isthmus/testing';
import { connectorConfig } from '../connector-config.module.ts';

it('has tables that are exactly what the entities declare', async () => {
  expect(await schemaDifferences(connectorConfig, { SECRET_RING: keyRing('k1') })).toEqual({
    wrong: [],
    undeclared: [],
  });
});

import { keyRing, schemaDifferences } from '@isthmus/testing';
import { webhooksOptions } from '../webhooks.module.ts';

it('has tables that are exactly what the entities declare', async () => {
  expect(await schemaDifferences(webhooksOptions, { WEBHOOK_SECRET_RING: keyRing('k1') })).toEqual({
    wrong: [],
    // The sequence is shared by several statements and made by the migration: no entity can declare one.
    undeclared: [`deliveries.position: default nextval('delivery_position'::regclass)`],
  });
});

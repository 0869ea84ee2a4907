import { schemaDifferences } from '@isthmus/testing';
import { restProviderOptions } from '../rest-provider.options.ts';

it('has tables that are exactly what the entities declare', async () => {
  expect(await schemaDifferences(restProviderOptions)).toEqual({ wrong: [], undeclared: [] });
});

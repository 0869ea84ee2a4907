import { notFound } from './problem.ts';

it.each([
  ['country', 'countries'],
  ['key', 'keys'],
  ['address', 'addresses'],
  ['batch', 'batches'],
  ['order', 'orders'],
])('a %s that is not there is looked for among the %s', (kind, plural) => {
  expect(notFound(kind, 'x').nextStep).toBe(`Use an id from the list of ${plural}.`);
});

import { changesOf, filtersOf, idOf } from './audit-filters.ts';

it('asks under the names of the API, for whole days', () => {
  expect(filtersOf({})).toEqual({});
  expect(
    filtersOf({
      ...{ by: 'ann', action: 'connector.update', type: 'connector', thing: 'c1', service: 'webhooks' },
      ...{ from: '2026-12-31', to: '2026-12-31' },
    }),
  ).toEqual({
    ...{ subject: 'ann', action: 'connector.update', thingType: 'connector', thingId: 'c1' },
    ...{ service: 'webhooks', from: '2026-12-31', to: '2027-01-01' },
  });
});

it('tells entries of different services apart', () => {
  expect(idOf({ service: 'webhooks', sequence: 7 })).not.toBe(
    idOf({ service: 'rest-provider', sequence: 7 }),
  );
});

it.each([
  [
    'changed',
    { name: 'a', seats: 1 },
    { name: 'b', seats: 2 },
    [
      ['name', 'a', 'b'],
      ['seats', '1', '2'],
    ],
  ],
  [
    'new',
    null,
    { name: 'a', on: false },
    [
      ['name', undefined, 'a'],
      ['on', undefined, 'false'],
    ],
  ],
  ['removed', { name: 'a' }, null, [['name', 'a', undefined]]],
  ['emptied', { name: 'a' }, { name: null }, [['name', 'a', 'null']]],
  ['nested', { limit: { perMinute: 1 } }, {}, [['limit', '{"perMinute":1}', undefined]]],
  ['neither', null, null, []],
] as const)('shows a thing that is %s field by field', (_, before, after, changes) => {
  expect(changesOf({ before, after } as never)).toEqual(
    changes.map(([field, was, is]) => ({ field, before: was, after: is })),
  );
});

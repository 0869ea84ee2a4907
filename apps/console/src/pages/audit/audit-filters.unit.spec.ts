import { filtersOf, idOf } from './audit-filters.ts';

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

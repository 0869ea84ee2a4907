import { domainChange, domainValuesOf, filtersOf, importOutcome } from './account.ts';

it('a domain by hand is sent as typed, one from Ingram Micro as none', () => {
  const byHand = domainValuesOf({ customDomain: 'a.example', customDomainSource: 'manual' });
  expect(byHand).toEqual({ source: 'manual', customDomain: 'a.example' });
  expect(domainChange({ ...byHand, customDomain: ' b.example ' })).toEqual({ customDomain: 'b.example' });
  expect(domainChange({ ...byHand, source: 'cmp' })).toEqual({ customDomain: null });
  expect(domainValuesOf({ customDomain: 'a.example', customDomainSource: 'cmp' }).source).toBe('cmp');
  expect(domainValuesOf({ customDomain: null, customDomainSource: null })).toEqual({
    source: 'cmp',
    customDomain: '',
  });
});

it('an import says of each row what became of it', () => {
  const outcome = importOutcome(
    {
      dryRun: true,
      created: 1,
      changed: 1,
      unchanged: 1,
      refused: 1,
      results: [
        { row: 1, id: 'A', outcome: 'created' },
        { row: 2, id: 'B', outcome: 'changed' },
        { row: 3, id: 'C', outcome: 'unchanged' },
        { row: 4, id: '', outcome: 'refused', problem: 'id is missing' },
      ],
    },
    { name: (row, id) => `${row} ${id}`, done: (what) => what.toUpperCase() },
  );
  expect(outcome).toMatchObject({ done: 2, unchanged: 1, refused: 1 });
  expect(outcome.rows).toEqual([
    { key: '1', name: '1 A', outcome: 'done', detail: 'CREATED' },
    { key: '2', name: '2 B', outcome: 'done', detail: 'CHANGED' },
    { key: '3', name: '3 C', outcome: 'unchanged', detail: undefined },
    { key: '4', name: '4 ', outcome: 'refused', detail: 'id is missing' },
  ]);
});

it('asks the API for what the address says', () => {
  const none = { q: undefined, sync: undefined, ended: undefined, connectorId: undefined };
  expect(filtersOf({ ...none, tab: 'all' })).toEqual({});
  expect(filtersOf({ ...none, tab: 'no-contract', sync: 'off', q: 'a' })).toEqual({
    linked: true,
    hasContract: false,
    syncEnabled: false,
    q: 'a',
  });
});

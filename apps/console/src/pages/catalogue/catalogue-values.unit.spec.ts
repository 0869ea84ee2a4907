import {
  countsOf,
  decisionsIn,
  importOutcome,
  mappingsOf,
  outcomeOf,
  placeOf,
  type PartNumber,
} from './catalogue-values.ts';

const part = (id: string, more: object = {}): PartNumber =>
  ({
    ...{ id, connectorId: 'c', partNumber: `INGRAM:A:${id}`, billingPeriod: 'P1M', term: null },
    bestSuggestion: { productId: `p-${id}`, name: 'Office', score: 90, sure: true, tied: false },
    ...more,
  }) as PartNumber;
const result = (more: object) => ({ connectorId: 'c', partNumber: 'INGRAM:A:1', action: 'map', ...more });
const decisions = (...results: object[]): Parameters<typeof decisionsIn>[0] =>
  ({ results, mapped: 1, excluded: 2, unmapped: 3, unchanged: 4, refused: 5 }) as never;

describe('the catalogue', () => {
  it('asks about exactly the periods of a part number, and leaves out those it leaves open', () => {
    expect(placeOf(part('1'))).toEqual({ connectorId: 'c', billingPeriod: 'P1M' });
    expect(placeOf(part('1', { billingPeriod: null, term: 'P3Y' }))).toEqual({
      connectorId: 'c',
      term: 'P3Y',
    });
  });

  it('counts what is to be mapped: what is unmapped, and what is ambiguous', () => {
    const counts = [
      { state: 'unmapped', partNumbers: 2, subscriptions: 9 },
      { state: 'ambiguous', partNumbers: 3, subscriptions: 9 },
      { state: 'mapped', partNumbers: 70, subscriptions: 9 },
    ] as const;
    expect(countsOf([...counts])).toEqual({ 'to-map': 5, 'part-numbers': 75 });
    expect(countsOf(undefined)).toEqual({});
  });

  it('maps only what is selected and has a suggestion that ties with none', () => {
    const tied = { productId: 'x', name: '', score: 90, sure: false, tied: true };
    const rows = [
      part('1'),
      part('2', { bestSuggestion: tied }),
      part('3', { bestSuggestion: null }),
      part('4'),
    ];
    expect(mappingsOf(rows, new Set(['1', '2', '3']))).toEqual([
      { connectorId: 'c', billingPeriod: 'P1M', partNumber: 'INGRAM:A:1', action: 'map', productId: 'p-1' },
    ]);
  });

  it('does exactly what a dry run found possible', () => {
    const found = decisions(
      result({ productId: 'p', term: 'P1Y', outcome: 'mapped' }),
      result({ productId: 'p', outcome: 'refused', code: 'x', detail: 'no' }),
      result({ productId: 'p', outcome: 'unchanged' }),
      result({ action: 'exclude', outcome: 'excluded' }),
    );
    expect(decisionsIn(found)).toEqual([
      { connectorId: 'c', partNumber: 'INGRAM:A:1', action: 'map', term: 'P1Y', productId: 'p' },
      { connectorId: 'c', partNumber: 'INGRAM:A:1', action: 'exclude' },
    ]);
    expect(outcomeOf(found, (id) => `product ${id}`)).toMatchObject({
      ...{ done: 6, unchanged: 4, refused: 5 },
      rows: [
        { name: 'INGRAM:A:1 → product p', outcome: 'done' },
        { outcome: 'refused', detail: 'no' },
        { outcome: 'unchanged' },
        { name: 'INGRAM:A:1', outcome: 'done' },
      ],
    });
  });

  it('counts the whole file of an import, whatever part of it is shown', () => {
    const row = { row: 3, partNumber: 'INGRAM:A:1', product: 'PRD1', outcome: 'change', problem: null };
    const refused = { ...row, row: 4, product: null, outcome: 'refused', problem: 'No such product.' };
    const counts = { map: 900, change: 1, refused: 2, unchanged: 3, duplicate: 4 };
    expect(importOutcome(counts, [row, refused] as never, (outcome) => `would ${outcome}`)).toEqual({
      ...{ done: 901, unchanged: 7, refused: 2 },
      rows: [
        { key: '3', name: 'INGRAM:A:1 → PRD1', outcome: 'done', detail: 'would change' },
        { key: '4', name: 'INGRAM:A:1', outcome: 'refused', detail: 'No such product.' },
      ],
    });
  });
});

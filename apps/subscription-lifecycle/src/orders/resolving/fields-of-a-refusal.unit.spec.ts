import { requireTerms, unresolvedFields } from './order-command.ts';

describe('the fields that refuse a purchase', () => {
  it.each([
    [
      'needed, with the values on sale',
      {},
      { deciding: ['billingPeriod', 'term'] as const },
      {
        term: 'is needed to select one product: the product is sold with P1M, P1Y, P3Y',
        billingPeriod: 'is needed to select one product: the product is sold with P1M, P1Y',
      },
    ],
    [
      'not on sale, also if only one of them rules out every product',
      { term: 'P3Y', billingPeriod: 'P3Y' },
      { deciding: ['billingPeriod'] as const, candidateCount: 12 },
      { billingPeriod: 'P3Y is not sold: the product is sold with P1M, P1Y, among others' },
    ],
    [
      'needed where no value is known',
      { term: 'P1Y' },
      { deciding: ['billingPeriod'] as const, candidates: [{}, {}] },
      { billingPeriod: 'is needed to select one product' },
    ],
    [
      'not the cause: the part number is',
      { term: 'P1Y' },
      { deciding: ['mapping'] as const, reason: 'CMP no longer lists it.' },
      { partNumber: 'CMP no longer lists it.' },
    ],
  ])('of a part number without a product are %s', (_, requested, resolution, fields) => {
    const candidates = [
      { term: 'P1Y', billingPeriod: 'P1Y' },
      { term: 'P3Y', billingPeriod: 'P1M' },
      { term: 'P1M', billingPeriod: 'P1M' },
    ];
    const errors = unresolvedFields(requested, { candidates, candidateCount: 3, ...resolution } as never);
    expect(Object.fromEntries(errors.map(({ field, message }) => [field, message]))).toEqual(fields);
  });

  it('are listed as fields where they differ', () => {
    const actual = { name: 'E5', term: 'P3Y', billingPeriod: null };
    const refuse = () =>
      requireTerms({ term: 'P1M', billingPeriod: 'P1Y' }, actual, 'part number X', 'Do this.', [
        'billingPeriod',
      ]);
    expect(refuse).toThrow(
      expect.objectContaining({
        errors: [
          { field: 'term', message: 'is P1M, but part number X has P3Y' },
          { field: 'billingPeriod', message: 'is P1Y, but part number X has another one' },
        ],
      }),
    );
  });
});

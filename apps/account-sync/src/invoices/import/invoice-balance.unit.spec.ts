import { Decimal } from '@isthmus/domain';
import fc from 'fast-check';
import { evaluateDocuments, type DocumentSums } from './invoice-balance.ts';

const tolerance = { perLine: '0.01', atMost: '1.00' };
const usd = ['USD'];
const one = (more: Partial<DocumentSums>): DocumentSums => ({
  ...{ key: 'a', rows: 3, distinctRows: 2, sum: '30', distinctSum: '20', currencies: usd },
  ...more,
});
const evaluate = (documents: DocumentSums[], fileTotal?: string) =>
  evaluateDocuments(documents, fileTotal, tolerance);

it('counts equal rows once, unless only all of them meet the total', () => {
  expect(evaluate([one({ stated: '20.00' })])).toMatchObject([{ keepRepeats: false, balance: 'balanced' }]);
  expect(evaluate([one({ stated: '30.00' })])).toMatchObject([{ keepRepeats: true, balance: 'balanced' }]);
  expect(evaluate([one({})])).toMatchObject([{ keepRepeats: false, balance: 'unchecked' }]);
});

it('allows a rounding for each line, up to a limit', () => {
  const off = (stated: string, rows: number) => evaluate([one({ stated, rows, sum: '20' })])[0]!.balance;
  expect([off('20.03', 3), off('20.04', 3)]).toEqual(['balanced', 'unbalanced']);
  expect([off('19', 1_000), off('18.99', 1_000)]).toEqual(['balanced', 'unbalanced']);
});

it('says both sums of what does not add up', () => {
  expect(evaluate([one({ stated: '25' })])).toMatchObject([
    { balance: 'unbalanced', detail: 'It states 25, but its lines add up to 20.' },
  ]);
  expect(evaluate([one({ currencies: ['EUR', 'USD'] })])).toMatchObject([
    { balance: 'unbalanced', detail: expect.stringContaining('EUR and USD') },
  ]);
});

it("takes the file's total for its only document, and for all that state none", () => {
  expect(evaluate([one({})], '20')).toMatchObject([{ balance: 'balanced', stated: '20' }]);
  const three = [one({ stated: '20' }), one({ key: 'b' }), one({ key: 'c' })];
  expect(evaluate(three, '60').map(({ balance }) => balance)).toEqual(['balanced', 'balanced', 'balanced']);
  expect(evaluate(three, '80').map(({ keepRepeats }) => keepRepeats)).toEqual([false, true, true]);
  expect(evaluate(three, '70')).toMatchObject([
    { balance: 'balanced' },
    { balance: 'unbalanced', detail: 'The file states a total of 70, but its lines add up to 60.' },
    { balance: 'unbalanced' },
  ]);
});

const cents = (limit: number) => fc.integer({ min: -limit, max: limit }).map((n) => (n / 100).toFixed(2));
const near = (sum: string) => cents(120).map((off) => Decimal.sum([sum, off]));
const document = fc
  .record({
    key: fc.string({ minLength: 1 }),
    rows: fc.integer({ min: 1, max: 500 }),
    sum: cents(1_000_000),
    distinctSum: cents(1_000_000),
  })
  .chain((some) =>
    fc
      .option(fc.oneof(near(some.sum), near(some.distinctSum)), { nil: undefined })
      .map((stated): DocumentSums => ({ ...some, stated, distinctRows: some.rows, currencies: usd })),
  );
const file = fc
  .uniqueArray(document, { selector: ({ key }) => key, minLength: 1, maxLength: 6 })
  .chain((documents) => {
    const sums = (which: 'sum' | 'distinctSum') =>
      Decimal.sum(documents.map((some) => some.stated ?? some[which]));
    const total = fc.oneof(near(sums('sum')), near(sums('distinctSum')));
    return fc.tuple(fc.constant(documents), fc.option(total, { nil: undefined }));
  });

it('never calls a document balanced whose counted rows are further from its total than allowed', () => {
  fc.assert(
    fc.property(file, ([documents, fileTotal]) => {
      const evaluations = evaluate(documents, fileTotal);
      expect(evaluations.map(({ key }) => key)).toEqual(documents.map(({ key }) => key));
      evaluations.forEach(({ balance, stated, keepRepeats, detail }, at) => {
        const counted = keepRepeats ? documents[at]!.sum : documents[at]!.distinctSum;
        if (balance === 'balanced' && stated !== undefined)
          expect(Decimal.compare(Decimal.difference(counted, stated), '1.00')).toBeLessThanOrEqual(0);
        expect(detail !== undefined).toBe(balance === 'unbalanced');
      });
      const silent = documents.filter(({ stated }) => stated === undefined);
      if (fileTotal === undefined || documents.length === 1 || !silent.length) return;
      const together = evaluations.filter((_, at) => documents[at]!.stated === undefined);
      if (together.some(({ balance }) => balance !== 'balanced')) return;
      const total = Decimal.sum([
        ...documents.flatMap(({ stated }) => stated ?? []),
        ...silent.map((some, at) => (together[at]!.keepRepeats ? some.sum : some.distinctSum)),
      ]);
      expect(Decimal.compare(Decimal.difference(total, fileTotal), '1.00')).toBeLessThanOrEqual(0);
    }),
  );
});

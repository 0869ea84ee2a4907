import { commitmentOf, isNegative, sumOfLines, unsigned } from './quote-values.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });

it('tells a refund from a charge, and from nothing', () => {
  expect([usd('-52.80'), usd('52.80'), usd('-0.00'), null].map(isNegative)).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(unsigned(usd('-52.80'))).toEqual(usd('52.80'));
});

it('adds up what the lines cost, unless a price is not known or in another currency', () => {
  const line = (extendedPrice: ReturnType<typeof usd> | null) => ({ extendedPrice });
  expect(sumOfLines([line(usd('158.40')), line(usd('0.60'))])).toEqual(usd('159.00'));
  expect(sumOfLines([line(usd('158.40')), line(null)])).toBeNull();
  expect(sumOfLines([line(usd('1')), line({ amount: '1', currency: 'EUR' })])).toBeNull();
  expect(sumOfLines([])).toBeNull();
});

it('says how often a term is billed, and until when it binds', () => {
  const now = new Date('2026-11-28T15:00:00Z');
  expect(commitmentOf('P1Y', 'P1M', now)).toEqual({ count: 12, until: '2027-11-27' });
  expect(commitmentOf('P3Y', 'P1Y', now)).toEqual({ count: 3, until: '2029-11-27' });
  expect(commitmentOf('P1M', 'P1M', now)).toBeUndefined();
  expect(commitmentOf('P1Y', null, now)).toBeUndefined();
});

import { priceLines } from './prices.store.ts';

it('puts price and cost of the same kind and tier on one line', () => {
  const usd = { currency: 'USD', type: 'recurring' };
  const lines = priceLines(
    [
      { ...usd, amount: '7.20', model: 'TIERED', lowerLimit: 0 },
      { ...usd, amount: '6.90', model: 'TIERED', lowerLimit: 50 },
    ],
    [
      { ...usd, amount: '6.12' },
      { ...usd, type: 'setup', amount: '1' },
    ],
  );
  expect(lines).toEqual([
    { ...usd, model: 'TIERED', lowerLimit: 0, amount: '7.20', cost: '6.12' },
    { ...usd, model: 'TIERED', lowerLimit: 50, amount: '6.90', cost: null },
    { currency: 'USD', type: 'setup', model: 'FLAT', lowerLimit: 0, amount: null, cost: '1' },
  ]);
});

import { checkTerms } from './billing-contracts.store.ts';

const terms = { currency: 'USD', startDate: '2026-02-01' };
const fieldOf = (work: () => void) => {
  try {
    work();
  } catch (error) {
    return (error as { field: string }).field;
  }
  return undefined;
};

it('accepts a contract without an end, or with one on its first day', () => {
  expect(fieldOf(() => checkTerms(terms, ['USD']))).toBeUndefined();
  expect(fieldOf(() => checkTerms({ ...terms, endDate: '2026-02-01' }, ['GBP', 'USD']))).toBeUndefined();
});

it('refuses an end before the start, naming the end', () => {
  expect(fieldOf(() => checkTerms({ ...terms, endDate: '2026-01-31' }, ['USD']))).toBe('endDate');
});

it('refuses a currency that no linked account is billed in, naming those there are', () => {
  expect(fieldOf(() => checkTerms(terms, ['GBP']))).toBe('currency');
  expect(() => checkTerms(terms, ['GBP', 'EUR'])).toThrow(
    expect.objectContaining({ nextStep: expect.stringContaining('GBP or EUR') }),
  );
});

import { decisionOf, lineName, valuesOf, type Line } from './invoice-values.ts';

const line = (more: object): Line =>
  ({
    ...{ matchedBy: null, excludedAt: null, providerAccountId: null, providerSubscriptionId: null },
    ...{ rowNo: 7, customerName: '', description: 'Setup fee' },
    ...more,
  }) as Line;
const typed = {
  ...{ decision: 'match' as const, providerAccountId: 'a', providerSubscriptionId: '' },
  reason: ' Known from the contract. ',
};

describe('a decision about a line', () => {
  it('begins with what is so: a match to be made, one that the rules made, or an exclusion', () => {
    expect(valuesOf(line({}))).toMatchObject({ decision: 'match', providerAccountId: '' });
    expect(valuesOf(line({ matchedBy: 'manual', providerAccountId: 'a' }))).toMatchObject({
      ...{ decision: 'match', providerAccountId: 'a' },
    });
    expect(valuesOf(line({ matchedBy: 'account-id', providerAccountId: 'a' })).decision).toBe('automatic');
    expect(valuesOf(line({ excludedAt: '2026-11-27T09:00:00Z' })).decision).toBe('exclude');
  });

  it('names the account or the subscription, never both; and neither unless it is a match', () => {
    const reason = 'Known from the contract.';
    expect(decisionOf(typed)).toEqual({ decision: 'match', reason, providerAccountId: 'a' });
    expect(decisionOf({ ...typed, providerSubscriptionId: 's' })).toEqual({
      ...{ decision: 'match', reason, providerSubscriptionId: 's' },
    });
    expect(decisionOf({ ...typed, decision: 'exclude' })).toEqual({ decision: 'exclude', reason });
  });

  it('is about a line that has a name even if the report names nobody', () => {
    expect(lineName(line({}))).toBe('7 · Setup fee');
  });
});

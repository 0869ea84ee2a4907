import { doneSteps, needsOf, setupSteps, type OrderCounts, type Overview } from './needs.ts';

const nothing: Overview = {
  asOf: '2026-11-27T10:00:00Z',
  connectors: [],
  runs: { running: 3, held: 0, failed24h: 0 },
  orders: { open: 4, needsAttention: 0, awaitingApproval: 0, oldestAt: null },
  accounts: { unlinked: 0, withoutContract: 0 },
  partNumbers: { unmapped: 0, ambiguous: 0, subscriptionsWaiting: 0 },
  endpoints: { failing: 0, disabled: 0 },
  renewals: { in7Days: 1, in30Days: 2, in90Days: 3 },
  unavailable: [],
};
const counts = (...rows: [status: string, orders: number, oldestAt: string][]): OrderCounts =>
  ({ data: rows.map(([status, orders, oldestAt]) => ({ status, orders, oldestAt })) }) as OrderCounts;

it('what goes on by itself needs nobody', () => {
  expect(needsOf(nothing, counts(['sending', 4, '2026-11-01T00:00:00Z']))).toEqual([]);
});

it('tells each kind with its number, its oldest and where it is done, the urgent first', () => {
  const found = needsOf(
    {
      ...nothing,
      connectors: [
        { id: 'a', name: 'US', status: 'paused', asOf: null },
        { id: 'b', name: 'UK', status: 'active', asOf: null },
      ],
      runs: { running: 0, held: 1, failed24h: 2 },
      accounts: { unlinked: 6, withoutContract: 5 },
      partNumbers: { unmapped: 2, ambiguous: 1, subscriptionsWaiting: 11 },
      endpoints: { failing: 1, disabled: 1 },
    },
    counts(
      ['needs-attention', 1, '2026-11-27T09:00:00Z'],
      ['completed-not-effective', 1, '2026-11-26T09:00:00Z'],
      ['awaiting-approval', 3, '2026-11-25T09:00:00Z'],
    ),
  );
  expect(found.map(({ kind, count, oldestAt }) => [kind, count, oldestAt])).toEqual([
    ['attention', 2, '2026-11-26T09:00:00Z'],
    ['approval', 3, '2026-11-25T09:00:00Z'],
    ['paused', 1, null],
    ['held', 1, null],
    ['failedRuns', 2, null],
    ['endpoints', 2, null],
    ['unlinked', 6, null],
    ['withoutContract', 5, null],
    ['partNumbers', 3, null],
  ]);
  expect(found.at(-1)).toMatchObject({ subscriptions: 11, isUrgent: false });
  expect(found.map(({ isUrgent }) => isUrgent)).toEqual([...Array(6).fill(true), ...Array(3).fill(false)]);
});

it('takes what is not known for nothing, without hiding the rest', () => {
  const down = { ...nothing, connectors: null, runs: null, partNumbers: null, endpoints: null };
  const accounts = { unlinked: 1, withoutContract: null };
  expect(needsOf({ ...down, accounts }, undefined).map(({ kind }) => kind)).toEqual(['unlinked']);
});

describe('the way to the first contract', () => {
  const verified = [{ verification: { ok: true } }];
  it.each([
    ['nothing is done', [], undefined, []],
    ['connected', [{ verification: null }], undefined, ['connect']],
    ['a check failed', [{ verification: { ok: false } }], { all: 0, unlinked: 0 }, ['connect']],
    ['accounts were read', verified, { all: 9, unlinked: 9 }, ['connect', 'verify', 'sync']],
    ['one is linked', verified, { all: 9, unlinked: 8 }, ['connect', 'verify', 'sync', 'link']],
  ])('%s', (_, connectors, accounts, done) => {
    expect([...doneSteps({ connectors, accounts, contracts: 0 })]).toEqual(done);
  });

  it('is over with the first contract, whatever was skipped', () => {
    expect([...doneSteps({ connectors: [], accounts: undefined, contracts: 1 })]).toEqual([...setupSteps]);
  });
});

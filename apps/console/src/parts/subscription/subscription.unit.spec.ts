import { nextDay } from './subscription.ts';

const subscription = {
  status: 'active',
  endedAt: null,
  autoRenew: true,
  renewalDate: '2026-12-28',
  expirationDate: '2026-12-27',
};

it('renews on a day, or ends on another, but never both', () => {
  expect(nextDay(subscription)).toEqual({ what: 'renews', day: '2026-12-28' });
  expect(nextDay({ ...subscription, autoRenew: false })).toEqual({ what: 'ends', day: '2026-12-27' });
  expect(nextDay({ ...subscription, autoRenew: false, expirationDate: null })).toEqual({
    what: 'ends',
    day: '2026-12-28',
  });
});

it('neither renews nor ends when it has ended, whatever it said before', () => {
  const endedAt = '2026-11-28T15:05:45.000Z';
  expect(nextDay({ ...subscription, status: 'terminated', endedAt })).toEqual({
    what: 'ended',
    day: endedAt,
  });
  expect(nextDay({ ...subscription, status: 'removed' })).toEqual({ what: 'ended', day: null });
});

import { observeEnd } from './observe-end.ts';
import { SubscriptionNotKnownYet } from './subscription-not-known-yet.error.ts';
import type { SubscriptionState } from './subscription-record.ts';

const known: SubscriptionState = {
  name: 'Basic',
  status: 'active',
  autoRenew: true,
  creationDate: '2026-03-01',
  renewalDate: '2027-03-01',
  expirationDate: null,
  billingPeriod: null,
  term: null,
  lines: null,
  lots: null,
  termStartedAt: null,
  providerVersion: 3,
  asOf: 10,
};
const end = { status: 'terminated', providerVersion: 4, asOf: 20 };

it('the end of a subscription changes its status and leaves the rest', () => {
  expect(observeEnd('S', known, end)).toEqual({ ...known, ...end });
});

it('the end is ignored once something newer is known', () => {
  expect(observeEnd('S', known, { ...end, providerVersion: 3 })).toBeNull();
});

it('the end of what nothing was heard of has to be heard again, or its beginning would be the last word', () => {
  expect(() => observeEnd('S', null, end)).toThrow(SubscriptionNotKnownYet);
});

import { meaningOf, orderFor, requireTime, type PlannedChange } from './scheduled-change.ts';

const planned = (more: Partial<PlannedChange>): PlannedChange => ({
  kind: 'change-quantity',
  seats: 12,
  autoRenew: null,
  mpn: null,
  at: 1_000,
  ...more,
});

it.each([
  ['seats at an instant', planned({}), { kind: 'change-quantity', seats: 12, when: 'now' }],
  ['seats of a line', planned({ mpn: 'A' }), { kind: 'change-quantity', seats: 12, when: 'now', mpn: 'A' }],
  [
    'seats at the renewal',
    planned({ at: 'renewal' }),
    { kind: 'change-quantity', seats: 12, when: 'renewal' },
  ],
  ['a cancellation', planned({ kind: 'cancel', seats: null }), { kind: 'cancel' }],
  [
    'a cancellation at the renewal, which CMP cannot keep',
    planned({ kind: 'cancel', seats: null, at: 'renewal' }),
    { kind: 'renewal-setting', autoRenew: false },
  ],
  [
    'a renewal setting',
    planned({ kind: 'renewal-setting', seats: null, autoRenew: true }),
    { kind: 'renewal-setting', autoRenew: true },
  ],
])('%s is ordered as what it means', (_, change, order) => {
  expect(orderFor(change)).toEqual(order);
});

it('says where something else is done than the words say', () => {
  expect(meaningOf(planned({ kind: 'cancel', at: 'renewal' }))).toContain(
    'auto-renew is switched off at once',
  );
  expect(meaningOf(planned({ kind: 'cancel' }))).toBeNull();
});

it('refuses times that cannot be meant', () => {
  expect(() => requireTime(planned({ at: 1_000 }), 1_000)).toThrow('has passed');
  expect(() => requireTime(planned({ at: 1_001 }), 1_000)).not.toThrow();
  expect(() => requireTime(planned({ kind: 'renewal-setting', at: 'renewal' }), 0)).toThrow('before');
  expect(() => requireTime(planned({ at: Date.parse('9999-12-31T23:59:59-23:59') }), 0)).toThrow('ten years');
  expect(() => requireTime(planned({ at: 'renewal' }), Number.MAX_SAFE_INTEGER)).not.toThrow();
});

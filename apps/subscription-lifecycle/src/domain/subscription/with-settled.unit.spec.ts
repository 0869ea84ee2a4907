import fc from 'fast-check';
import { seatsOf } from '../nce/seat-lots.ts';
import type { SubscriptionState } from './subscription-record.ts';
import { withSettled, type SettledOrder } from './with-settled.ts';

const product = { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LH16:0001' };
const line = {
  ...product,
  cmpProductId: 'P',
  name: 'Basic',
  unitPrice: null,
  unitCost: null,
  vendorSubscriptionId: null,
};
const state = {
  name: 'Basic',
  status: 'active',
  autoRenew: true,
  lines: [{ ...line, seats: 10 }],
  lots: [{ seats: 10, addedAt: 0 }],
  asOf: 1_000,
} as SubscriptionState;
const of = { cmpAccountId: '1', cmpSubscriptionId: '2' };
const seats = (total: number, finishedAt: number): SettledOrder => ({
  ask: { kind: 'change-quantity', ...of, product, seats: total, when: 'now' },
  finishedAt,
});

it('shows seats, auto-renew and the end as they were proved', () => {
  expect(withSettled(state, [seats(12, 2_000)])).toMatchObject({
    lines: [{ seats: 12 }],
    lots: [{ seats: 10 }, { seats: 2, addedAt: 2_000 }],
    asOf: 2_000,
  });
  const off: SettledOrder = { ask: { kind: 'renewal-setting', ...of, autoRenew: false }, finishedAt: 2_000 };
  const end: SettledOrder = { ask: { kind: 'cancel', ...of }, finishedAt: 3_000 };
  expect(withSettled(state, [off, end])).toMatchObject({ autoRenew: false, status: 'terminated' });
});

it('leaves what CMP was read after alone, and lines the order is not about', () => {
  expect(withSettled(state, [seats(12, 900)])).toBe(state);
  const other = { ...seats(12, 2_000), ask: { ...seats(12, 0).ask, product: { ...product, mpn: 'OTHER' } } };
  expect(withSettled(state, [other as SettledOrder]).lines).toEqual(state.lines);
});

it('ends with the last total, and lots that add up to it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (totals) => {
      const { lines, lots } = withSettled(
        state,
        totals.map((total, n) => seats(total, 2_000 + n)),
      );
      expect([lines![0]!.seats, seatsOf(lots!)]).toEqual([totals.at(-1), totals.at(-1)]);
    }),
  );
});

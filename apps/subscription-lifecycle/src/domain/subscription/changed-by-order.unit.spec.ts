import { move } from '../order/move.ts';
import { newOrder } from '../order/new-order.ts';
import { changedByOrder } from './changed-by-order.ts';

const product = { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LH16:0001' };
const ask = {
  kind: 'change-quantity',
  cmpAccountId: '1',
  cmpSubscriptionId: '2',
  product,
  when: 'now',
} as const;
const planned = newOrder(
  crypto.randomUUID(),
  { ...ask, seats: 12 },
  { highestTotal: null, extraProducts: 'any' },
  0,
);
const settled = {
  ...move(planned, 'settle', 900),
  seatsBefore: 10,
  firstSentAt: 100,
  completedAt: 800,
};

describe('a settled order and the seats in the news', () => {
  it('were brought about by it at the earliest when it was sent, not when it was seen completed', () => {
    expect(changedByOrder(settled, { before: 10, after: 12, asOf: 850 })).toEqual({ changedAt: 100 });
  });

  it('are not all its own when it began with other seats than were known', () => {
    expect(changedByOrder(settled, { before: 4, after: 12, asOf: 850 })).toEqual({});
    expect(changedByOrder({ ...settled, seatsBefore: null }, { before: 10, after: 12, asOf: 850 })).toEqual(
      {},
    );
  });

  it('have nothing to do with it when they are others, or were read before it was completed', () => {
    expect(changedByOrder(settled, { before: 10, after: 13, asOf: 850 })).toBeNull();
    expect(changedByOrder(settled, { before: 10, after: 12, asOf: 799 })).toBeNull();
  });
});

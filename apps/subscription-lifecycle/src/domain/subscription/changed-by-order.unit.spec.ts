import { move } from '../order/move.ts';
import { newOrder } from '../order/new-order.ts';
import { changedByOrder } from './changed-by-order.ts';
import { ownOrder } from './known-order.ts';

const product = { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LH16:0001' };
const ask = {
  kind: 'change-quantity',
  cmpAccountId: '1',
  cmpSubscriptionId: '2',
  product,
  when: 'now',
} as const;
const free = { highestTotal: null, extraProducts: 'any' } as const;
const planned = newOrder(crypto.randomUUID(), { ...ask, seats: 12 }, free, 0);
const times = { seatsBefore: 10, firstSentAt: 100, completedAt: 800 };
const settled = { ...move(planned, 'settle', 900), ...times, cmpOrderId: '77' };

it('a settled order brought about the seats that it asked for, unless they were read before it was completed', () => {
  expect(changedByOrder(settled, { after: 12, asOf: 850 })).toBe(true);
  expect(changedByOrder(settled, { after: 13, asOf: 850 })).toBe(false);
  expect(changedByOrder(settled, { after: 12, asOf: 799 })).toBe(false);
});

describe('an order of ours as an explanation', () => {
  it('lends the time at which it was sent, and the seats that it added', () => {
    expect(ownOrder(settled)).toMatchObject({
      id: '77',
      type: 'change',
      createdAt: 100,
      doneAt: 800,
      lines: [{ mpn: product.mpn, seats: 2 }],
    });
    const bought = newOrder(
      crypto.randomUUID(),
      { kind: 'create', cmpAccountId: '1', product, seats: 3, parameters: [] },
      free,
      0,
    );
    expect(ownOrder({ ...move(bought, 'settle', 900), firstSentAt: 50 })).toMatchObject({
      type: 'sales',
      createdAt: 50,
    });
  });

  it('explains nothing when it is not proved, sent nothing, or waits for the renewal', () => {
    expect(ownOrder({ ...settled, status: 'accepted' })).toBeNull();
    expect(ownOrder({ ...settled, firstSentAt: null })).toBeNull();
    expect(ownOrder({ ...settled, seatsBefore: null })).toBeNull();
    expect(ownOrder({ ...settled, ask: { ...ask, seats: 12, when: 'renewal' } })).toBeNull();
  });
});

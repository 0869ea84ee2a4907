import fc from 'fast-check';
import { lotsAt, lotsAtRenewal, nextClosing, reducibleSeats, reducibleUntil, seatsOf } from './seat-lots.ts';
import { decreaseRefusal } from './decrease-refusal.ts';
import { windowCloses } from './window.ts';

const hour = 3_600_000;
const start = Date.UTC(2028, 1, 27, 23, 59);
const steps = fc.array(
  fc.record({ total: fc.integer({ min: 0, max: 300 }), after: fc.integer({ min: 0, max: 400 }) }),
  { maxLength: 12 },
);
/** Lots after some changes of the total, and when the last one was. */
const history = steps.map((changes) =>
  changes.reduce(
    ({ lots, now }, { total, after }) => ({
      lots: lotsAt(lots, total, now + after * hour),
      now: now + after * hour,
    }),
    { lots: lotsAtRenewal(10, start), now: start },
  ),
);

describe('seats in lots', () => {
  it('always add up to the quantity, and none is empty', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 500 }), ({ lots, now }, total) => {
        const next = lotsAt(lots, total, now);
        expect(seatsOf(next)).toBe(total);
        expect(next.every(({ seats }) => seats > 0)).toBe(true);
      }),
    );
  });

  it('can be given up only while their own window is open', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 300 }), ({ lots, now }, later) => {
        const then = now + later * hour;
        const young = lots.filter(({ addedAt }) => then < windowCloses(addedAt));
        expect(reducibleSeats(lots, then)).toBe(seatsOf(young));
        expect(nextClosing(lots, then) === null).toBe(young.length === 0);
      }),
    );
  });

  it('become never more reducible by waiting, and taking some never opens a window', () => {
    fc.assert(
      fc.property(history, fc.nat(100), fc.nat(300), ({ lots, now }, less, later) => {
        const then = now + later * hour;
        expect(reducibleSeats(lots, then)).toBeLessThanOrEqual(reducibleSeats(lots, now));
        const total = Math.max(0, seatsOf(lots) - less);
        expect(reducibleSeats(lotsAt(lots, total, then), then)).toBeLessThanOrEqual(
          reducibleSeats(lots, then),
        );
      }),
    );
  });

  it('stay reducible in the number promised until the minute promised, and not after it', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 60 }), ({ lots, now }, seats) => {
        const until = reducibleUntil(lots, seats, now);
        if (until === null) return expect(reducibleSeats(lots, now)).toBeLessThan(seats);
        expect(reducibleSeats(lots, until - 1)).toBeGreaterThanOrEqual(seats);
        expect(reducibleSeats(lots, until)).toBeLessThan(seats);
      }),
    );
  });

  it('all open again at a renewal', () => {
    expect(reducibleSeats(lotsAtRenewal(14, start), start + 167 * hour)).toBe(14);
    expect(lotsAtRenewal(0, start)).toEqual([]);
  });
});

describe('a decrease beyond the open lots', () => {
  const lots = [
    { seats: 10, addedAt: start - 200 * hour },
    { seats: 4, addedAt: start },
  ];

  it('is refused with how many can go now, until when, and what to schedule', () => {
    expect(decreaseRefusal(lots, 8, start + hour)).toMatchObject({
      code: 'decrease-outside-window',
      seatsNow: 4,
      until: windowCloses(start),
      atRenewal: 8,
      nextStep: 'Decrease by 4 now and schedule 8 seats for the renewal.',
    });
  });

  it('offers the renewal alone when nothing can go now', () => {
    expect(decreaseRefusal(lots, 8, start + 168 * hour)).toMatchObject({ seatsNow: 0, until: null });
  });

  it('is none within them', () => {
    expect(decreaseRefusal(lots, 10, start + hour)).toBeNull();
    expect(decreaseRefusal(lots, 20, start + 500 * hour)).toBeNull();
  });
});

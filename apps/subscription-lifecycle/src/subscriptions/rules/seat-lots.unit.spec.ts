import fc from 'fast-check';
import {
  decreaseRefusal,
  lotsAt,
  lotsAtRenewal,
  nextClosing,
  reducibleSeats,
  reducibleUntil,
  totalSeats,
  windowCloses,
  windowOpen,
} from './seat-lots.ts';

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
        expect(totalSeats(next)).toBe(total);
        expect(next.every(({ seats }) => seats > 0)).toBe(true);
      }),
    );
  });

  it('can be given up only while their own window is open', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 300 }), ({ lots, now }, later) => {
        const then = now + later * hour;
        const young = lots.filter(({ addedAt }) => then < windowCloses(addedAt));
        expect(reducibleSeats(lots, then)).toBe(totalSeats(young));
        expect(nextClosing(lots, then) === null).toBe(young.length === 0);
      }),
    );
  });

  it('become never more reducible by waiting, and taking some never opens a window', () => {
    fc.assert(
      fc.property(history, fc.nat(100), fc.nat(300), ({ lots, now }, less, later) => {
        const then = now + later * hour;
        expect(reducibleSeats(lots, then)).toBeLessThanOrEqual(reducibleSeats(lots, now));
        const total = Math.max(0, totalSeats(lots) - less);
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

const at = (text: string) => Date.parse(text);
const minute = 60_000;

describe('the window of 168 hours', () => {
  it.each([
    ['an ordinary week', '2026-09-15T11:00:20Z', '2026-09-22T11:00:00Z'],
    ['the night clocks go forward in Europe', '2026-03-25T01:30:00Z', '2026-04-01T01:30:00Z'],
    ['the night clocks go back in America', '2026-10-28T06:30:59Z', '2026-11-04T06:30:00Z'],
    ['the end of February in a leap year', '2028-02-25T23:59:00Z', '2028-03-03T23:59:00Z'],
    ['the end of February otherwise', '2027-02-25T23:59:00Z', '2027-03-04T23:59:00Z'],
    ['new year', '2026-12-29T00:00:00Z', '2027-01-05T00:00:00Z'],
  ])('over %s: opened %s, closes %s', (_, opened, closes) => {
    expect(new Date(windowCloses(at(opened)))).toEqual(new Date(closes));
    expect(windowOpen(at(opened), at(closes) - 1)).toBe(true);
    expect(windowOpen(at(opened), at(closes))).toBe(false);
  });

  it('is open for 168 hours less at most the begun minute, whenever it opens', () => {
    fc.assert(
      fc.property(fc.integer({ min: at('2020-01-01'), max: at('2040-01-01') }), (opened) => {
        const length = windowCloses(opened) - opened;
        expect(length).toBeLessThanOrEqual(168 * 60 * minute);
        expect(length).toBeGreaterThan(168 * 60 * minute - minute);
        expect(windowCloses(opened) % minute).toBe(0);
      }),
    );
  });
});

import { Period } from '@isthmus/domain';
import fc from 'fast-check';
import type { SubscriptionLine, SubscriptionState } from '../subscription.ts';
import { knownTogether, type KnownOrder } from './terms.ts';
import { explain, type Observation, observe } from './observe.ts';
import { factsForOptions, optionsFor } from './options.ts';
import { lotsAt, type SeatLot } from './seat-lots.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 26, 9, 30);
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
const midnight = (at: number): number => Math.floor(at / day) * day;
const line = (name: string, seats: number): SubscriptionLine => ({
  vendor: 'MICROSOFT',
  mpn: `CFQ7TTC0LH16:000${name}`,
  cmpProductId: `PRD${name}`,
  name,
  seats,
  unitPrice: null,
  unitCost: null,
  vendorSubscriptionId: null,
});
const base = { name: 'Basic', expirationDate: null, billingPeriod: null };

/** All that can be taken back at an instant. */
function openAt(state: SubscriptionState, now: number) {
  const lines = (state.lines ?? []).map((one) => {
    const lots =
      state.lots && state.lots.filter((lot) => lot.line === undefined || lot.line === one.cmpProductId);
    return optionsFor(factsForOptions(state, one, one.seats), lots, now);
  });
  return {
    cancel: lines.some(({ cancel }) => cancel.allowed),
    seats: lines.reduce((sum, { decrease }) => sum + decrease.seats, 0),
  };
}

/** Dates that no reading of a hundred days reaches, or that were over when they were read. */
const wildDay = fc.oneof(
  fc.integer({ min: 120, max: 4_000 }).map((days) => dayOf(start + days * day)),
  fc.integer({ min: -4_000, max: -2 }).map((days) => dayOf(start + days * day)),
  fc.constantFrom('9999-12-31', '0001-01-01', '1970-01-01', null),
);
const periods = fc.constantFrom(null, ...['P1M', 'P1Y', 'P3Y', 'P14D'].map((text) => Period.parse(text)), {
  type: 'month',
  duration: 0,
} as const);
const reading = fc.record({
  after: fc.integer({ min: 0, max: 4 * 24 }),
  status: fc.constantFrom('active', 'active', 'active', 'hold', 'pending', 'unknown'),
  autoRenew: fc.boolean(),
  creationDate: wildDay,
  renewalDate: wildDay,
  term: periods,
  lines: fc.option(
    fc
      .dictionary(fc.constantFrom('1', '2'), fc.integer({ min: 1, max: 50 }))
      .map((seats) => Object.entries(seats).map(([name, count]) => line(name, count))),
  ),
  /** A version that was read before. */
  stale: fc.boolean(),
});

describe('readings of every kind', () => {
  it('never open a window that was not open when the subscription was first read, without an order or a reached date', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.array(reading, { minLength: 1, maxLength: 20 }),
        (age, readings) => {
          const created = start - age * day;
          const first = { status: 'active', autoRenew: true, term: null, ...base, lines: [line('1', 20)] };
          const seen = { ...first, creationDate: dayOf(created), renewalDate: dayOf(created + 365 * day) };
          let state = observe(null, { ...seen, providerVersion: 1, asOf: start })!.state;
          const closes = midnight(created) + 168 * hour;
          let now = start;
          readings.forEach(({ after, stale, ...told }, n) => {
            now += after * hour;
            const event: Observation = { ...base, ...told, providerVersion: stale ? 1 : n + 2, asOf: now };
            state = observe(state, event)?.state ?? state;
            for (const then of [now, closes - 1, closes, now + 3 * day, now + 400 * day].filter(
              (at) => at >= now,
            )) {
              const open = openAt(state, then);
              if (then >= closes) expect(open).toEqual({ cancel: false, seats: 0 });
            }
          });
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** What happened at CMP, and when it was read. */
const happening = fc.record({
  after: fc.integer({ min: 1, max: 70 * 60 }),
  change: fc.integer({ min: -6, max: 9 }),
  read: fc.boolean(),
});

describe('orders as they become known', () => {
  it('make every window exact to the minute, in whatever order they and the readings come', () => {
    fc.assert(
      fc.property(
        fc.array(happening, { maxLength: 10 }),
        fc.array(fc.nat(), { minLength: 30, maxLength: 30 }),
        fc.integer({ min: 1, max: 30 }),
        (happenings, shuffle, bought) => {
          const boughtAt = start + 12 * minute + 41_000;
          const orders: KnownOrder[] = [
            {
              id: '0',
              number: '0',
              type: 'sales',
              createdAt: boughtAt,
              doneAt: boughtAt + minute,
              lines: [],
            },
          ];
          const readings: Observation[] = [];
          let truth: SeatLot[] = [{ seats: bought, addedAt: boughtAt }];
          let seats = bought;
          let now = boughtAt;
          const read = () => {
            now += 2 * minute;
            const dates = { creationDate: dayOf(boughtAt), renewalDate: dayOf(boughtAt + 365 * day) };
            const more = { status: 'active', autoRenew: true, term: Period.parse('P1Y'), ...base, ...dates };
            readings.push({
              ...more,
              lines: [line('1', seats)],
              providerVersion: readings.length + 1,
              asOf: now,
            });
          };
          happenings.forEach(({ after, change, read: reads }, n) => {
            now += after * minute;
            const less = Math.max(change, 1 - seats);
            if (less !== 0) {
              const lines = [{ mpn: line('1', 1).mpn, cmpProductId: 'PRD1', seats: less }];
              const times = { createdAt: now, doneAt: now + minute };
              orders.push({ id: `${n + 1}`, number: `${n + 1}`, type: 'change', ...times, lines });
              seats += less;
              truth = lotsAt(truth, seats, now);
            }
            if (reads) read();
          });
          read();
          // Each reading in its turn; orders in between, in an order of their own.
          const late = orders
            .map((order, n) => ({ order, key: shuffle[n]! }))
            .toSorted((a, b) => a.key - b.key)
            .map(({ order }) => order);
          const known: KnownOrder[] = [];
          let state: SubscriptionState | null = null;
          readings.forEach((event, n) => {
            for (let more = shuffle[15 + (n % 15)]! % 3; more > 0 && late.length > 0; more -= 1) {
              known.push(late.shift()!);
              if (state) state = explain(state, known)?.state ?? state;
            }
            state = observe(state, event, known)!.state;
          });
          for (const order of late) {
            known.push(order);
            state = explain(state!, known)?.state ?? state;
          }
          expect(state!.termStartedAt).toBe(boughtAt);
          expect(state!.lots).toEqual(truth.toSorted((a, b) => a.addedAt - b.addedAt));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never open more than they added, whatever else is read', () => {
    const placed = fc.record({
      hours: fc.integer({ min: 0, max: 400 }),
      seats: fc.integer({ min: -9, max: 9 }),
    });
    const seen = fc.record({
      hours: fc.integer({ min: 0, max: 400 }),
      seats: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(
        fc.array(placed, { maxLength: 6 }),
        fc.array(seen, { minLength: 1, maxLength: 10 }),
        (placings, seens) => {
          const orders = placings.map(({ hours, seats }, n): KnownOrder => {
            const createdAt = start + hours * hour;
            const lines = [{ mpn: line('1', 1).mpn, cmpProductId: 'PRD1', seats }];
            return { id: `${n}`, number: `${n}`, type: 'change', createdAt, doneAt: createdAt + hour, lines };
          });
          let state: SubscriptionState | null = null;
          seens
            .toSorted((a, b) => a.hours - b.hours)
            .forEach(({ hours, seats }, n) => {
              const asOf = start + hours * hour;
              const dates = { creationDate: dayOf(start - 90 * day), renewalDate: dayOf(start + 275 * day) };
              const known = orders.filter(({ createdAt }) => createdAt <= asOf);
              const more = { status: 'active', autoRenew: true, term: null, ...base, ...dates };
              state = observe(
                state,
                { ...more, lines: [line('1', seats)], providerVersion: n + 1, asOf },
                known,
              )!.state;
              for (const then of [asOf, asOf + 100 * hour]) {
                const explained = orders
                  .filter(({ createdAt }) => createdAt <= asOf && then < createdAt + 168 * hour)
                  .reduce((sum, { lines: [added] }) => sum + Math.max(0, added!.seats), 0);
                expect(openAt(state, then).seats).toBeLessThanOrEqual(explained);
              }
            });
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('two lines of the same product', () => {
  const two = (first: number, second: number): SubscriptionLine[] => [
    { ...line('1', first), vendorSubscriptionId: 'a' },
    { ...line('1', second), vendorSubscriptionId: 'b' },
  ];
  const read = (lines: SubscriptionLine[], providerVersion: number): Observation => ({
    ...{ ...base, status: 'active', autoRenew: true, creationDate: dayOf(start - 60 * day), term: null },
    ...{ renewalDate: dayOf(start + 305 * day), lines, providerVersion },
    asOf: start + providerVersion * day,
  });
  const added = (seats: number): KnownOrder => ({
    ...{
      id: 'o',
      number: 'o',
      type: 'change',
      createdAt: start + day + hour,
      doneAt: start + day + 2 * hour,
    },
    lines: [{ mpn: line('1', 0).mpn, cmpProductId: 'PRD1', seats }],
  });
  const first = observe(null, read(two(5, 3), 1))!.state;
  const lotsOf = (state: SubscriptionState) => state.lots!.map(({ seats, addedAt }) => [seats, addedAt]);

  it('share the lots of the product: no seat is lost, and only those that an order added can go', () => {
    expect(lotsOf(first)).toEqual([[8, midnight(start - 60 * day)]]);
    for (const grown of [two(5, 5), two(7, 3), two(5, 5).toReversed()]) {
      const { state } = observe(first, read(grown, 2), [added(2)])!;
      expect(lotsOf(state)).toEqual([
        [8, midnight(start - 60 * day)],
        [2, start + day + hour],
      ]);
      expect(lotsOf(observe(first, read(grown, 2))!.state)).toEqual([[10, midnight(start - 60 * day)]]);
    }
  });

  it('that only pass seats to each other, or change places, open nothing', () => {
    for (const moved of [two(3, 5), two(7, 1), two(5, 3).toReversed()]) {
      const { state } = observe(first, read(moved, 2), [])!;
      expect(lotsOf(state)).toEqual([[8, midnight(start - 60 * day)]]);
    }
  });

  it('are told from another product beside them', () => {
    const beside = [...two(5, 3), line('2', 4)];
    const before = observe(null, read(beside, 1))!.state;
    const { state } = observe(before, read([...two(5, 5), line('2', 4)], 2), [added(2)])!;
    expect(state.lots).toEqual([
      { seats: 8, addedAt: midnight(start - 60 * day), line: 'PRD1' },
      { seats: 2, addedAt: start + day + hour, line: 'PRD1' },
      { seats: 4, addedAt: midnight(start - 60 * day), line: 'PRD2' },
    ]);
  });
});

it('seats that one order added and another took back, before and after a reading, are not those that were there', () => {
  const read = (seats: number, providerVersion: number, asOf: number): Observation => ({
    ...{ ...base, status: 'active', autoRenew: true, creationDate: dayOf(start - 60 * day), term: null },
    ...{ renewalDate: dayOf(start + 305 * day), lines: [line('1', seats)], providerVersion, asOf },
  });
  const order = (id: string, seats: number, createdAt: number, doneAt: number): KnownOrder => ({
    ...{ id, number: id, type: 'change', createdAt, doneAt },
    lines: [{ mpn: line('1', 0).mpn, cmpProductId: 'PRD1', seats }],
  });
  // CMP was read between the order and its effect, and not again until the seats were back.
  const first = observe(null, read(14, 1, start + 5_000))!.state;
  const more = order('more', 7, start, start + 25_000);
  const less = order('less', -7, start + hour, start + hour + minute);
  const old = [{ seats: 14, addedAt: midnight(start - 60 * day) }];
  expect(explain(first, [more])!.state.lots).toEqual([
    { seats: 7, addedAt: midnight(start - 60 * day) },
    { seats: 7, addedAt: start },
  ]);
  expect(observe(first, read(14, 2, start + 2 * hour), [more, less])!.state.lots).toEqual(old);
  expect(explain(explain(first, [more])!.state, [more, less])!.state.lots).toEqual(old);
});

describe('seats read wrongly for a while', () => {
  const read = (seats: number, providerVersion: number, asOf: number): Observation => ({
    ...{ ...base, status: 'active', autoRenew: true, creationDate: dayOf(start - 60 * day), term: null },
    ...{ renewalDate: dayOf(start + 305 * day), lines: [line('1', seats)], providerVersion, asOf },
  });
  const order = (id: string, seats: number, createdAt: number): KnownOrder => ({
    ...{ id, number: id, type: 'change', createdAt, doneAt: createdAt + minute },
    lines: [{ mpn: line('1', 0).mpn, cmpProductId: 'PRD1', seats }],
  });
  const after = (readings: readonly number[], orders: readonly KnownOrder[]) => {
    let state: SubscriptionState | null = null;
    for (const [n, seats] of readings.entries())
      state = observe(state, read(seats, n + 1, start + n * day), orders)!.state;
    return state!.lots!;
  };
  const young = (lots: readonly SeatLot[]) => lots.filter(({ addedAt }) => addedAt >= start);
  const old = (seats: number) => ({ seats, addedAt: midnight(start - 60 * day) });

  it('leave no room for seats that were taken back again', () => {
    const orders = [order('a', 40, start + hour), order('b', -31, start + 30 * hour)];
    orders.push(order('c', 26, start + 31 * hour));
    expect(young(after([20, 0, 55], orders)).reduce((sum, { seats }) => sum + seats, 0)).toBe(35);
    // Nor does an addition that nothing explains.
    expect(young(after([20, 20, 75], orders)).reduce((sum, { seats }) => sum + seats, 0)).toBe(35);
  });

  it('are not taken for a decrease, whose order is not known yet', () => {
    const more = order('a', 9, start + hour);
    expect(young(after([13, 0, 20], [more]))).toEqual([]);
    const less = order('b', -2, start + 25 * hour);
    expect(after([13, 0, 20], [more, less])).toEqual([old(13), { seats: 7, addedAt: start + hour }]);
  });

  it('are not explained by an order that took fewer', () => {
    const orders = [order('a', 37, start + hour), order('b', -6, start + 2 * hour)];
    expect(after([21, 5, 52], orders)).toEqual([old(21), { seats: 31, addedAt: start + hour }]);
  });

  it('change nothing once they are read rightly again', () => {
    for (const wrong of [[0], [5], [5, 2], [2, 5, 1]]) {
      expect(after([13, ...wrong, 13], [])).toEqual([old(13)]);
      const more = order('a', 4, start + hour);
      expect(after([13, 17, ...wrong, 17], [more])).toEqual([old(13), { seats: 4, addedAt: start + hour }]);
    }
  });
});

it('the first of several orders explain what was read before the others took effect', () => {
  const read = (seats: number, providerVersion: number, asOf: number): Observation => ({
    ...{ ...base, status: 'active', autoRenew: true, creationDate: dayOf(start - 60 * day), term: null },
    ...{ renewalDate: dayOf(start + 305 * day), lines: [line('1', seats)], providerVersion, asOf },
  });
  // Each was seen to be done only after the reading.
  const order = (id: string, seats: number, createdAt: number): KnownOrder => ({
    ...{ id, number: id, type: 'change', createdAt, doneAt: start + 12 * hour },
    lines: [{ mpn: line('1', 0).mpn, cmpProductId: 'PRD1', seats }],
  });
  const orders = [order('a', 50, start + hour), order('b', -13, start + 2 * hour)];
  orders.push(order('c', 18, start + 3 * hour));
  const state = observe(
    observe(null, read(5, 1, start))!.state,
    read(42, 2, start + 4 * hour),
    orders,
  )!.state;
  expect(state.lots).toEqual([
    { seats: 5, addedAt: midnight(start - 60 * day) },
    { seats: 37, addedAt: start + hour },
  ]);
});

it('an order of ours is done when we proved it, even where CMP tells of it later', () => {
  const proof: KnownOrder = {
    ...{ id: '7', number: '7', type: 'change', createdAt: start, doneAt: start + minute },
    lines: [{ mpn: line('1', 0).mpn, seats: -11 }],
  };
  const told = { ...proof, createdAt: start + 5_000, doneAt: start + day };
  expect(knownTogether([told], [proof])).toEqual([{ ...told, doneAt: start + minute }]);
  expect(knownTogether([], [proof])).toEqual([proof]);
  expect(knownTogether([told], [])).toEqual([told]);
  expect(knownTogether([{ ...told, doneAt: start }], [proof])).toEqual([{ ...told, doneAt: start }]);
});

import fc from 'fast-check';
import { lineKey, lotsOfLine, reducibleSeats, seatsOf } from '../nce/seat-lots.ts';
import { lotsAfterChange, lotsOfLines } from './lots-of-lines.ts';
import { observe, type Observation } from './observe.ts';
import type { SubscriptionLine, SubscriptionState } from './subscription-record.ts';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2027, 1, 1);
const line = (name: string, seats: number): SubscriptionLine => ({
  vendor: 'MICROSOFT',
  mpn: `CFQ7TTC0LH16:000${name}`,
  cmpProductId: name === '3' ? '' : `PRD${name}`,
  name,
  seats,
  unitPrice: null,
  unitCost: null,
  vendorSubscriptionId: null,
});
const lines = fc
  .dictionary(fc.constantFrom('1', '2', '3'), fc.integer({ min: 1, max: 40 }), { minKeys: 1 })
  .map((seats) => Object.entries(seats).map(([name, count]) => line(name, count)));
const news = (of: SubscriptionLine[], version: number, asOf: number, renewals: number): Observation => ({
  name: 'Basic',
  status: 'active',
  autoRenew: true,
  creationDate: '2027-02-01',
  renewalDate: `2027-0${3 + renewals}-01`,
  expirationDate: null,
  billingPeriod: null,
  term: null,
  lines: of,
  providerVersion: version,
  asOf,
});
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ lines, renews: fc.constant(false), stale: fc.constant(false) }) },
  { weight: 1, arbitrary: fc.record({ lines, renews: fc.constant(true), stale: fc.constant(false) }) },
  { weight: 1, arbitrary: fc.record({ lines, renews: fc.constant(false), stale: fc.constant(true) }) },
);

it('lots of every line add up to its seats, whatever increases, decreases, renewals, lines that come and go, and late news', () => {
  fc.assert(
    fc.property(lines, fc.array(happening, { maxLength: 8 }), (first, happenings) => {
      let state = observe(null, news(first, 1, start, 0))!.state;
      let renewals = 0;
      happenings.forEach(({ lines: next, renews, stale }, n) => {
        if (renews && renewals < 6) renewals += 1;
        const version = stale ? 1 : n + 2;
        state = observe(state, news(next, version, start + (n + 1) * day, renewals))?.state ?? state;
        for (const one of state.lines!) expect(seatsOf(lotsOfLine(state.lots!, one))).toBe(one.seats);
        expect(seatsOf(state.lots!)).toBe(state.lines!.reduce((sum, { seats }) => sum + seats, 0));
        expect(
          state.lots!.every(
            ({ seats, line: of }) => seats > 0 && (of !== undefined) === state.lines!.length > 1,
          ),
        ).toBe(true);
      });
    }),
  );
});

it('offers no seat of any line back that was added more than a week ago', () => {
  const moment = fc.record({
    add: fc.integer({ min: 0, max: 5 }),
    less: fc.integer({ min: 0, max: 5 }),
    after: fc.integer({ min: 1, max: 200 }),
    seen: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(moment, { maxLength: 12 }), (moments) => {
      // What Microsoft knows: the seats of two lines by when they really were added; the oldest go first, the worst for us.
      const truth: Record<string, number[]> = {
        '1': Array<number>(5).fill(start),
        '2': Array<number>(5).fill(start),
      };
      const now = () => Object.entries(truth).map(([name, added]) => line(name, added.length));
      let at = start;
      let state: SubscriptionState = observe(null, news(now(), 1, at, 0))!.state;
      moments.forEach(({ add, less, after, seen }, n) => {
        at += after * hour;
        truth['1']!.push(...Array<number>(add).fill(at));
        truth['2'] = truth['2']!.toSorted((a, b) => b - a).slice(0, Math.max(1, truth['2']!.length - less));
        if (!seen) return;
        state = observe(state, news(now(), n + 2, at, 0))!.state;
        // Also later on, while nothing changes.
        for (const one of state.lines!)
          for (const then of [0, 40, 80, 120, 167].map((hours) => at + hours * hour)) {
            const young = truth[one.name]!.filter((added) => then < added + 168 * hour).length;
            expect(reducibleSeats(lotsOfLine(state.lots!, one), then)).toBeLessThanOrEqual(young);
          }
      });
    }),
  );
});

describe('lots that were kept when only the first line had any', () => {
  const two = [line('1', 10), line('2', 3)];
  const before = { lines: two, lots: [{ seats: 10, addedAt: start + day }] };

  it('count as old as the term', () => {
    const lots = lotsAfterChange(before, [line('1', 10), line('2', 5)], start + 3 * day, start);
    expect(lots).toEqual([
      { seats: 10, addedAt: start, line: 'PRD1' },
      { seats: 3, addedAt: start, line: 'PRD2' },
      { seats: 2, addedAt: start + 3 * day, line: 'PRD2' },
    ]);
  });
});

it('a line that joins is added as a whole, and one that is left alone has lots without a name', () => {
  const one = { lines: [line('1', 10)], lots: [{ seats: 10, addedAt: start }] };
  const lots = lotsAfterChange(one, [line('1', 10), line('3', 4)], start + day, start);
  expect(lots.map(({ line: of, addedAt }) => [of, addedAt])).toEqual([
    ['PRD1', start],
    [lineKey(line('3', 4)), start + day],
  ]);
  const alone = lotsAfterChange(
    { lines: [line('1', 10), line('3', 4)], lots },
    [line('3', 6)],
    start + 2 * day,
    start,
  );
  expect(alone).toEqual([
    { seats: 4, addedAt: start + day },
    { seats: 2, addedAt: start + 2 * day },
  ]);
  expect(lotsOfLines([], () => one.lots)).toEqual([]);
});

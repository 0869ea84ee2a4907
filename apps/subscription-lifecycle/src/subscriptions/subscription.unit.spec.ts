import fc from 'fast-check';
import { newOrder, transition } from '../orders/order.ts';
import { knownFromOwnOrder } from './rules/terms.ts';
import { type Observation, observe } from './rules/observe.ts';
import { lineKey, lotsForLine, reducibleSeats, totalSeats } from './rules/seat-lots.ts';
import {
  changedByOrder,
  findLine,
  inStableOrder,
  leadingLine,
  lotsAfterChange,
  lotsByLine,
  type SettledOrder,
  type SubscriptionLine,
  type SubscriptionState,
  withSettled,
} from './subscription.ts';

describe('product lines', () => {
  const line = (
    cmpProductId: string,
    seats: number,
    vendorSubscriptionId: string | null,
  ): SubscriptionLine => ({
    ...{
      vendor: 'MICROSOFT',
      mpn: `CFQ7TTC0LH16:000${cmpProductId}`,
      cmpProductId,
      name: cmpProductId,
      seats,
    },
    ...{ unitPrice: null, unitCost: null, vendorSubscriptionId },
  });
  const anyLine = fc
    .tuple(
      fc.constantFrom('1', '2', '3', '4'),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(null, 'a', 'b'),
    )
    .map((parts) => line(...parts));
  const anyLines = fc.array(anyLine, { minLength: 1, maxLength: 6 });
  /** Some lines, and the same ones as CMP might list them next. */
  const shuffled = anyLines.chain((lines) =>
    fc.tuple(
      fc.constant(lines),
      fc.shuffledSubarray(lines, { minLength: lines.length, maxLength: lines.length }),
    ),
  );
  const event = (lines: SubscriptionLine[], providerVersion: number): Observation => ({
    ...{
      name: 'Bundle',
      status: 'active',
      autoRenew: true,
      creationDate: '2026-01-01',
      renewalDate: '2027-01-01',
    },
    ...{ expirationDate: null, billingPeriod: null, term: null, lines, providerVersion },
    asOf: Date.parse('2026-06-01') + providerVersion,
  });

  const text = (one: SubscriptionLine): string => JSON.stringify(one);
  const byText = (a: SubscriptionLine, b: SubscriptionLine): number => (text(a) < text(b) ? -1 : 1);

  describe('the order of product lines', () => {
    it('does not depend on CMP’s, and no line is lost or made up', () => {
      fc.assert(
        fc.property(shuffled, ([lines, again]) => {
          const first = inStableOrder(null, lines);
          expect(inStableOrder(null, again)).toEqual(first);
          expect(inStableOrder(first, again)).toEqual(first);
          expect(first.toSorted(byText)).toEqual(lines.toSorted(byText));
        }),
      );
    });

    it('keeps the places of those that were there, whatever comes and goes beside them', () => {
      const different = fc.uniqueArray(anyLine, { selector: text, minLength: 2, maxLength: 6 });
      fc.assert(
        fc.property(different, fc.nat(), fc.nat(), fc.boolean(), (lines, from, until, turned) => {
          const [a, b] = [from % lines.length, until % lines.length].toSorted((x, y) => x - y);
          const before = inStableOrder(null, lines.slice(0, b! + 1));
          const listed = lines.slice(a);
          const after = inStableOrder(before, turned ? listed.toReversed() : listed);
          expect(after.toSorted(byText)).toEqual(listed.toSorted(byText));
          const places = before.filter((one) => listed.includes(one)).map((one) => after.indexOf(one));
          expect(places.length).toBeGreaterThan(0);
          expect(places).toEqual(places.toSorted((x, y) => x - y));
        }),
      );
    });

    it('changes nothing of the subscription, and not which line leads', () => {
      fc.assert(
        fc.property(shuffled, ([lines, again]) => {
          const before: SubscriptionState = observe(null, event(lines, 1))!.state;
          const { state, changes } = observe(before, event(again, 2))!;
          expect(changes).toEqual([]);
          expect(leadingLine(state)).toEqual(leadingLine(before));
          expect(leadingLine(observe(null, event(again, 1))!.state)).toEqual(leadingLine(before));
        }),
      );
    });
  });

  it('never picks one of several lines of the same mpn by itself', () => {
    const [first, second] = [line('1', 5, null), { ...line('2', 7, null), mpn: line('1', 5, null).mpn }];
    const of = { lines: [first, second] } as SubscriptionState;
    expect(findLine(of, first.mpn)).toBeUndefined();
    expect(findLine(of, first.mpn, '2')).toBe(second);
    expect(findLine(of, undefined, '1')).toBe(first);
    expect(findLine(of, 'OTHER', '1')).toBeUndefined();
    expect(
      findLine({ lines: [first, { ...first, seats: 9 }] } as SubscriptionState, first.mpn, '1'),
    ).toBeUndefined();
    expect(findLine({ lines: [first] } as SubscriptionState, undefined)).toBe(first);
  });
});

describe('seat lots by line', () => {
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
  const event = (of: SubscriptionLine[], version: number, asOf: number, renewals: number): Observation => ({
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
        let state = observe(null, event(first, 1, start, 0))!.state;
        let renewals = 0;
        happenings.forEach(({ lines: next, renews, stale }, n) => {
          if (renews && renewals < 6) renewals += 1;
          const version = stale ? 1 : n + 2;
          state = observe(state, event(next, version, start + (n + 1) * day, renewals))?.state ?? state;
          for (const one of state.lines!) expect(totalSeats(lotsForLine(state.lots!, one))).toBe(one.seats);
          expect(totalSeats(state.lots!)).toBe(state.lines!.reduce((sum, { seats }) => sum + seats, 0));
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
        let state: SubscriptionState = observe(null, event(now(), 1, at, 0))!.state;
        moments.forEach(({ add, less, after, seen }, n) => {
          at += after * hour;
          truth['1']!.push(...Array<number>(add).fill(at));
          truth['2'] = truth['2']!.toSorted((a, b) => b - a).slice(0, Math.max(1, truth['2']!.length - less));
          if (!seen) return;
          state = observe(state, event(now(), n + 2, at, 0))!.state;
          // Also later on, while nothing changes.
          for (const one of state.lines!)
            for (const then of [0, 40, 80, 120, 167].map((hours) => at + hours * hour)) {
              const young = truth[one.name]!.filter((added) => then < added + 168 * hour).length;
              expect(reducibleSeats(lotsForLine(state.lots!, one), then)).toBeLessThanOrEqual(young);
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
    expect(lotsByLine([], () => one.lots)).toEqual([]);
  });
});

describe('settled orders that the mirror has not seen', () => {
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
    spec: { kind: 'change-quantity', ...of, product, seats: total, when: 'now' },
    finishedAt,
  });

  it('shows seats, auto-renew and the end as they were proved', () => {
    expect(withSettled(state, [seats(12, 2_000)])).toMatchObject({
      lines: [{ seats: 12 }],
      lots: [{ seats: 10 }, { seats: 2, addedAt: 2_000 }],
      asOf: 2_000,
    });
    const off: SettledOrder = {
      spec: { kind: 'renewal-setting', ...of, autoRenew: false },
      finishedAt: 2_000,
    };
    const end: SettledOrder = { spec: { kind: 'cancel', ...of }, finishedAt: 3_000 };
    expect(withSettled(state, [off, end])).toMatchObject({ autoRenew: false, status: 'terminated' });
  });

  it('leaves what CMP was read after alone, and lines the order is not about', () => {
    expect(withSettled(state, [seats(12, 900)])).toBe(state);
    const other = {
      ...seats(12, 2_000),
      spec: { ...seats(12, 0).spec, product: { ...product, mpn: 'OTHER' } },
    };
    expect(withSettled(state, [other as SettledOrder]).lines).toEqual(state.lines);
  });

  it('ends with the last total, and lots that add up to it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (totals) => {
        const { lines, lots } = withSettled(
          state,
          totals.map((total, n) => seats(total, 2_000 + n)),
        );
        expect([lines![0]!.seats, totalSeats(lots!)]).toEqual([totals.at(-1), totals.at(-1)]);
      }),
    );
  });
});

describe('seats that an order explains', () => {
  const product = { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LH16:0001' };
  const spec = {
    kind: 'change-quantity',
    cmpAccountId: '1',
    cmpSubscriptionId: '2',
    product,
    when: 'now',
  } as const;
  const free = { highestTotal: null, extraProducts: 'any' } as const;
  const planned = newOrder(crypto.randomUUID(), { ...spec, seats: 12 }, free, 0);
  const times = { seatsBefore: 10, firstSentAt: 100, completedAt: 800 };
  const settled = { ...transition(planned, 'settle', 900), ...times, cmpOrderId: '77' };

  it('a settled order brought about the seats that it asked for, unless they were read before it was completed', () => {
    expect(changedByOrder(settled, { after: 12, asOf: 850 })).toBe(true);
    expect(changedByOrder(settled, { after: 13, asOf: 850 })).toBe(false);
    expect(changedByOrder(settled, { after: 12, asOf: 799 })).toBe(false);
  });

  describe('an order of ours as an explanation', () => {
    it('lends the time at which it was sent, and the seats that it added', () => {
      expect(knownFromOwnOrder(settled)).toMatchObject({
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
      expect(knownFromOwnOrder({ ...transition(bought, 'settle', 900), firstSentAt: 50 })).toMatchObject({
        type: 'sales',
        createdAt: 50,
      });
    });

    it('explains nothing when it is not proved, sent nothing, or waits for the renewal', () => {
      expect(knownFromOwnOrder({ ...settled, status: 'accepted' })).toBeNull();
      expect(knownFromOwnOrder({ ...settled, firstSentAt: null })).toBeNull();
      expect(knownFromOwnOrder({ ...settled, seatsBefore: null })).toBeNull();
      expect(knownFromOwnOrder({ ...settled, spec: { ...spec, seats: 12, when: 'renewal' } })).toBeNull();
    });
  });
});

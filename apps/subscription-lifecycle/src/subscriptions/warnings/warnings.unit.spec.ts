import * as fc from 'fast-check';
import { outlook, type Warning, type Watched } from './warnings.ts';

const hour = 3_600_000;
const day = 24 * hour;
const rules = { windowHours: [48, 6], renewalDays: [90, 60, 30, 7] };
const nce = 'CFQ7TTC0LH16:0001';
const offer = 'bd938f12-058f-4927-bba3-ae36b1d2501c';
const renewsAt = Date.UTC(2027, 0, 31);
const watched = (more: Partial<Watched> = {}): Watched => ({
  status: 'active',
  renewalDate: '2027-01-31',
  lots: null,
  lines: [{ mpn: nce, cmpProductId: 'P1' }],
  ...more,
});
const daysBefore = (days: number) => renewsAt - days * day;

describe('renewals', () => {
  it.each([
    [91, []],
    [90, [90]],
    [60.001, [90]],
    [59, [60]],
    [8, [30]],
    [5, [7]],
    [0.001, [7]],
    [0, []],
    [-3, []],
  ])('%d days before, %j days ahead is what has to have been told', (days, ahead) => {
    const { due } = outlook(watched(), rules, Math.round(daysBefore(days)));
    expect(due.map((warning) => warning.ahead)).toEqual(ahead);
  });

  it('are nobody’s concern once the subscription is over', () => {
    expect(outlook(watched({ status: 'terminated' }), rules, daysBefore(5))).toEqual({
      due: [],
      checkAt: null,
    });
  });
});

describe('windows', () => {
  const added = Date.UTC(2026, 10, 1, 9, 41, 30);
  const closes = Date.UTC(2026, 10, 8, 9, 41);
  const lots = [
    { seats: 10, addedAt: added - 30 * day },
    { seats: 3, addedAt: added },
    { seats: 2, addedAt: added + 20_000 },
    { seats: 5, addedAt: added + day },
  ];
  it('close for seats added within one minute together, and for the others by themselves', () => {
    const { due, checkAt } = outlook(watched({ lots, renewalDate: null }), rules, closes - 5 * hour);
    expect(due).toEqual([
      { kind: 'window-closing-announced', about: closes, ahead: 6, seats: 5, mpn: nce, line: 'P1' },
      { kind: 'window-closing-announced', about: closes + day, ahead: 48, seats: 5, mpn: nce, line: 'P1' },
    ]);
    expect(checkAt).toBe(closes + day - 6 * hour);
  });

  it('close by line, where there are several', () => {
    const lines = [{ mpn: offer }, { mpn: nce, cmpProductId: 'P1' }, { mpn: nce, cmpProductId: 'P2' }];
    const named = [offer, 'P1', 'P2', 'P1'].map((line) => ({ seats: 2, addedAt: added, line }));
    const { due } = outlook(watched({ lots: named, lines, renewalDate: null }), rules, closes - hour);
    expect(due).toEqual([
      { kind: 'window-closing-announced', about: closes, ahead: 6, seats: 4, mpn: nce, line: 'P1' },
      { kind: 'window-closing-announced', about: closes, ahead: 6, seats: 2, mpn: nce, line: 'P2' },
    ]);
    const unnamed = [{ seats: 2, addedAt: added }];
    expect(outlook(watched({ lots: unnamed, lines, renewalDate: null }), rules, closes - hour).due).toEqual(
      [],
    );
  });

  it('are of new commerce alone', () => {
    const legacy = watched({ lots, lines: [{ mpn: offer }], renewalDate: null });
    expect(outlook(legacy, rules, closes - hour)).toEqual({ due: [], checkAt: null });
  });
});

/** Looks whenever it is time to, from `from` on, as a job does that may be late; tells each thing once. */
function tell(subscription: Watched, from: number, until: number, lateness: () => number): Warning[] {
  const told = new Map<string, Warning>();
  let at: number | null = from;
  while (at !== null && at < until) {
    const now: number = at + lateness();
    const { due, checkAt } = outlook(subscription, rules, now);
    for (const warning of due) told.set(`${warning.kind} ${warning.about} ${warning.ahead}`, warning);
    if (checkAt !== null) expect(checkAt).toBeGreaterThan(now);
    at = checkAt;
  }
  return [...told.values()];
}

const lotsAbout = (start: number) =>
  fc
    .array(
      fc.record({
        seats: fc.integer({ min: 1, max: 50 }),
        addedAt: fc.integer({ min: -10 * day, max: 10 * day }),
      }),
      { maxLength: 4 },
    )
    .map((lots) => lots.map(({ seats, addedAt }) => ({ seats, addedAt: start + addedAt })));

it('looking only when it is time to tells all that looking every half hour does, and nothing else', () => {
  const start = daysBefore(8);
  // The last lot is added ten days on, and closes a week later.
  const end = start + 18 * day;
  fc.assert(
    fc.property(lotsAbout(start), (lots) => {
      const subscription = watched({ lots });
      const eager = new Set<string>();
      for (let now = start; now < end; now += hour / 2)
        for (const warning of outlook(subscription, rules, now).due) eager.add(JSON.stringify(warning));
      const told = tell(subscription, start, end, () => 0).map((warning) => JSON.stringify(warning));
      expect(new Set(told)).toEqual(eager);
    }),
    { numRuns: 30 },
  );
});

it('first seen or looked at late, says of each moment the nearest threshold and no farther one afterwards', () => {
  const hours = fc.integer({ min: 0, max: 100 * 24 });
  fc.assert(
    fc.property(hours, fc.array(hours, { minLength: 1, maxLength: 20 }), (seenBefore, late) => {
      let n = 0;
      const lateness = () => late[n++ % late.length]! * hour;
      const told = tell(watched(), renewsAt - seenBefore * hour, renewsAt, lateness).map(
        ({ ahead }) => ahead,
      );
      expect(told).toEqual(told.toSorted((a, b) => b - a));
      expect(new Set(told).size).toBe(told.length);
    }),
  );
});

import fc from 'fast-check';
import { inStableOrder, leadingLine, lineOf } from './line-of.ts';
import { observe, type Observation } from './observe.ts';
import type { SubscriptionLine, SubscriptionState } from './subscription-record.ts';

const line = (
  cmpProductId: string,
  seats: number,
  vendorSubscriptionId: string | null,
): SubscriptionLine => ({
  ...{ vendor: 'MICROSOFT', mpn: `CFQ7TTC0LH16:000${cmpProductId}`, cmpProductId, name: cmpProductId, seats },
  ...{ unitPrice: null, unitCost: null, vendorSubscriptionId },
});
const anyLine = fc
  .tuple(fc.constantFrom('1', '2', '3', '4'), fc.integer({ min: 1, max: 3 }), fc.constantFrom(null, 'a', 'b'))
  .map((parts) => line(...parts));
const anyLines = fc.array(anyLine, { minLength: 1, maxLength: 6 });
/** Some lines, and the same ones as CMP might list them next. */
const shuffled = anyLines.chain((lines) =>
  fc.tuple(
    fc.constant(lines),
    fc.shuffledSubarray(lines, { minLength: lines.length, maxLength: lines.length }),
  ),
);
const news = (lines: SubscriptionLine[], providerVersion: number): Observation => ({
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
        const before: SubscriptionState = observe(null, news(lines, 1))!.state;
        const { state, changes } = observe(before, news(again, 2))!;
        expect(changes).toEqual([]);
        expect(leadingLine(state)).toEqual(leadingLine(before));
        expect(leadingLine(observe(null, news(again, 1))!.state)).toEqual(leadingLine(before));
      }),
    );
  });
});

it('never picks one of several lines of the same mpn by itself', () => {
  const [first, second] = [line('1', 5, null), { ...line('2', 7, null), mpn: line('1', 5, null).mpn }];
  const of = { lines: [first, second] } as SubscriptionState;
  expect(lineOf(of, first.mpn)).toBeUndefined();
  expect(lineOf(of, first.mpn, '2')).toBe(second);
  expect(lineOf(of, undefined, '1')).toBe(first);
  expect(lineOf(of, 'OTHER', '1')).toBeUndefined();
  expect(
    lineOf({ lines: [first, { ...first, seats: 9 }] } as SubscriptionState, first.mpn, '1'),
  ).toBeUndefined();
  expect(lineOf({ lines: [first] } as SubscriptionState, undefined)).toBe(first);
});

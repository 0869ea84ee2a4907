import { defaultOrderGuard, type OrderGuardV1, type OrderLimitsV1 } from '@isthmus/contracts';
import { Money } from '@isthmus/domain';
import fc from 'fast-check';
import type { OrderBasis } from '../../quotes/estimate.ts';
import type { OrderSpec } from '../order.ts';
import {
  type Addition,
  type GuardFacts,
  evaluateOrder,
  type RecentOrder,
  reachedLimits,
} from './order-guard.ts';

const product = { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LCHC:0002', cmpProductId: 'P1' };
const { quoteFrom, approvalFrom } = defaultOrderGuard('USD');
const addition = (more: Partial<Addition>): Addition => ({
  ...{ seatsBefore: 1_000, seatsAfter: 1_001, unitPrice: null, billingPeriod: 'P1M', purchases: 0 },
  ...more,
});
const reached = (more: Partial<Addition>, limits: OrderLimitsV1 = quoteFrom) =>
  reachedLimits(addition(more), limits).map(({ limit }) => limit);
const usd = (amount: string) => Money.of(amount, 'USD');

const state = (seats: number, price: string | null) =>
  ({
    billingPeriod: { type: 'month', duration: 1 },
    lines: [{ ...product, name: 'Premium', seats, unitPrice: price && usd(price) }],
  }) as never;
const change = (held: number, seats: number, price: string | null = null) => ({
  spec: {
    kind: 'change-quantity',
    ...{ cmpAccountId: '1', cmpSubscriptionId: '2', when: 'now', product, seats },
  } as OrderSpec,
  basis: { unitPrice: null, dependsOn: [], subscription: state(held, price) } as OrderBasis,
});
const purchase = (seats: number) => ({
  spec: { kind: 'create', cmpAccountId: '1', parameters: [], product, seats } as OrderSpec,
  basis: { unitPrice: null, dependsOn: [], subscription: null } as OrderBasis,
});
const facts = (more: Partial<GuardFacts> = {}): GuardFacts => ({
  ...{ settings: defaultOrderGuard('USD'), recent: [], purchases: 0 },
  ...more,
});
const door = { quoted: false, canQuote: true };
const needs = (
  order: ReturnType<typeof change>,
  how: Partial<typeof door> = {},
  known: Partial<GuardFacts> = {},
) => evaluateOrder({ ...order, ...door, ...how }, facts(known)).needs;

describe('the limits', () => {
  it.each<[string, Partial<Addition>, string[]]>([
    ['249 seats more', { seatsAfter: 1_249 }, []],
    ['250 seats more', { seatsAfter: 1_250 }, ['seats']],
    ['three times as many, 49 more', { seatsBefore: 24, seatsAfter: 73 }, []],
    ['three times as many, 50 more', { seatsBefore: 25, seatsAfter: 75 }, ['percent']],
    ['not quite three times as many, 100 more', { seatsBefore: 51, seatsAfter: 151 }, []],
    ['60 seats bought anew', { seatsBefore: 0, seatsAfter: 60 }, []],
    ['24,999.96 a year', { seatsAfter: 1_001, unitPrice: usd('2083.33') }, []],
    ['25,000.08 a year', { seatsAfter: 1_001, unitPrice: usd('2083.34') }, ['yearly-amount']],
    ['25,000 for three years', { unitPrice: usd('25000'), billingPeriod: 'P3Y' }, []],
    ['75,000 for three years', { unitPrice: usd('75000'), billingPeriod: 'P3Y' }, ['yearly-amount']],
    ['69 a day', { unitPrice: usd('69'), billingPeriod: 'P1D' }, ['yearly-amount']],
    ['25,000 once', { unitPrice: usd('25000.00'), billingPeriod: null }, ['yearly-amount']],
    ['a price that no decimal can hold', { unitPrice: { ...usd('1'), amount: '1e9' } }, []],
    ['purchase 99 of the hour', { purchases: 99 }, []],
    ['purchase 100 of the hour', { purchases: 100 }, ['purchases-per-hour']],
  ])('of %s', (_, more, expected) => {
    expect(reached(more)).toEqual(expected);
  });

  it('of an approval are ten times those of a quote', () => {
    const tenfold = { seatsBefore: 100, seatsAfter: 3_000, unitPrice: usd('8'), purchases: 1_000 };
    const all = ['seats', 'percent', 'yearly-amount', 'purchases-per-hour'];
    expect(reached(tenfold, approvalFrom)).toEqual(all);
    const below = { seatsBefore: 101, seatsAfter: 2_600, unitPrice: usd('8'), purchases: 999 };
    expect(reached(below, approvalFrom)).toEqual([]);
    expect(reached({ seatsBefore: 17, seatsAfter: 516 }, approvalFrom)).toEqual([]);
    expect(reached({ seatsBefore: 17, seatsAfter: 517 }, approvalFrom)).toEqual(['percent']);
  });

  it('say what was reached and by what', () => {
    expect(reachedLimits(addition({ seatsAfter: 1_300 }), quoteFrom)).toEqual([
      { limit: 'seats', from: 250, value: '300', detail: 'it adds 300 seats (limit 250)' },
    ]);
  });

  it('do not convert amounts, but are higher by default where a unit of the currency is small', () => {
    const yen = (amount: string) => ({ unitPrice: Money.of(amount, 'JPY'), billingPeriod: 'P1Y' });
    expect(reached(yen('2499999'), defaultOrderGuard('JPY').quoteFrom)).toEqual([]);
    expect(reached(yen('2500000'), defaultOrderGuard('JPY').quoteFrom)).toEqual(['yearly-amount']);
    expect(reached(yen('25000'), quoteFrom)).toEqual(['yearly-amount']);
    const bought = { ...purchase(1), basis: { ...purchase(1).basis, unitPrice: Money.of('30000', 'JPY') } };
    expect(needs(bought, {}, { settings: null })).toBe('nothing');
  });
});

describe('an order', () => {
  it.each([
    ['within the limits', change(10, 20), {}, 'nothing'],
    ['above the first', change(1_000, 1_300), {}, 'quote'],
    ['above the first, quoted', change(1_000, 1_300), { quoted: true }, 'nothing'],
    ['above the first, of somebody who cannot quote', change(1_000, 1_300), { canQuote: false }, 'approval'],
    ['above the second', change(1_000, 4_000), {}, 'quote'],
    ['above the second, quoted', change(1_000, 4_000), { quoted: true }, 'approval'],
    ['above the second, of somebody who cannot quote', change(1_000, 4_000), { canQuote: false }, 'approval'],
    ['of expensive seats', change(10, 20, '500.00'), {}, 'quote'],
    ['a purchase above the first', purchase(250), {}, 'quote'],
  ] as const)('%s', (_, order, how, expected) => {
    expect(needs(order, how)).toBe(expected);
  });

  it.each<[string, OrderSpec]>([
    ['a decrease', change(5_000, 1).spec],
    ['a cancellation', { kind: 'cancel', cmpAccountId: '1', cmpSubscriptionId: '2' }],
    [
      'a renewal setting',
      { kind: 'renewal-setting', cmpAccountId: '1', cmpSubscriptionId: '2', autoRenew: false },
    ],
  ])('that is %s needs nothing, however large the subscription is', (_, spec) => {
    const order = { spec, basis: change(5_000, 0, '900.00').basis };
    expect(needs(order as never, { canQuote: false }, { purchases: 10_000 })).toBe('nothing');
  });

  it('is judged together with what was added there before it, until somebody agreed to that', () => {
    const raised = (seatsBefore: number, agreed: RecentOrder['agreed'] = null): RecentOrder => ({
      ...{ product, seats: 0, seatsBefore, agreed },
    });
    const of = (recent: RecentOrder[], quoted = false) => needs(change(1_240, 1_260), { quoted }, { recent });
    expect(of([raised(1_000)])).toBe('quote');
    expect(of([raised(1_000), raised(1_120)])).toBe('quote');
    expect(of([raised(1_000, 'quoted'), raised(1_120)])).toBe('nothing');
    expect(of([raised(1_000, 'approved')])).toBe('nothing');
    expect(of([{ ...raised(1_000), product: { ...product, cmpProductId: 'P2' } }])).toBe('nothing');
    const otherLine = { ...raised(5, 'approved'), product: { ...product, cmpProductId: 'P2' } };
    expect(of([raised(1_000), otherLine])).toBe('quote');
    const far = needs(change(3_490, 3_510), { quoted: true }, { recent: [raised(1_000, 'quoted')] });
    expect(far).toBe('approval');
    const bought = (agreed: RecentOrder['agreed']) => ({ product, seats: 200, seatsBefore: 0, agreed });
    expect(needs(purchase(50), {}, { recent: [bought(null)] })).toBe('quote');
    expect(needs(purchase(50), {}, { recent: [bought('quoted')] })).toBe('nothing');
  });
});

const limits = fc.record({
  seats: fc.option(fc.integer({ min: 1, max: 5_000 })),
  percent: fc.option(fc.integer({ min: 101, max: 5_000 })),
  percentFromSeats: fc.integer({ min: 1, max: 500 }),
  yearlyAmount: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
  purchasesPerHour: fc.option(fc.integer({ min: 1, max: 100 })),
});
const guards: fc.Arbitrary<OrderGuardV1> = fc.record({
  ...{ quoteFrom: limits, approvalFrom: limits },
  approvalDays: fc.integer({ min: 1, max: 90 }),
});
const seats = fc.integer({ min: 1, max: 10_000 });
const prices = fc.option(fc.integer({ min: 0, max: 100_000 }).map((cents) => (cents / 100).toFixed(2)));
const doors = fc.record({ quoted: fc.boolean(), canQuote: fc.boolean() });
const severity = { nothing: 0, quote: 1, approval: 2 };

describe('for any guard', () => {
  it('more seats never need less', () => {
    fc.assert(
      fc.property(guards, doors, prices, seats, seats, seats, (settings, how, price, held, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        const of = (total: number) => severity[needs(change(held, total, price), how, { settings })];
        // A quote comes before an approval, so that of somebody who has none the two are one step.
        const rank = (total: number) => (how.canQuote && !how.quoted ? Math.sign(of(total)) : of(total));
        expect(rank(more)).toBeGreaterThanOrEqual(rank(less));
      }),
    );
  });

  it('fewer seats need nothing, and whoever has a quote or cannot get one is not asked for it', () => {
    fc.assert(
      fc.property(guards, doors, prices, seats, seats, (settings, how, price, held, total) => {
        const needed = needs(change(held, total, price), how, { settings });
        if (total <= held) expect(needed).toBe('nothing');
        if (how.quoted || !how.canQuote) expect(needed).not.toBe('quote');
      }),
    );
  });

  it('an increase that comes in parts needs as much as the whole', () => {
    const parts = fc.array(seats, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(guards, prices, seats, parts, (settings, price, first, steps) => {
        const how = { canQuote: false };
        const totals = [...new Set([first, ...steps])].sort((a, b) => a - b);
        const whole = needs(change(first, Math.max(first, totals.at(-1)!), price), how, { settings });
        const from = totals.filter((total) => total >= first);
        const recent = from
          .slice(0, -1)
          .map((seatsBefore): RecentOrder => ({ product, seats: 0, seatsBefore, agreed: null }));
        const last = change(from.at(-2) ?? first, from.at(-1)!, price);
        expect(needs(last, how, { settings, recent })).toBe(whole);
      }),
    );
  });

  it('one whose limits are all off lets everything pass', () => {
    const none = {
      seats: null,
      percent: null,
      percentFromSeats: 1,
      yearlyAmount: null,
      purchasesPerHour: null,
    };
    const settings = { quoteFrom: none, approvalFrom: none, approvalDays: 7 };
    fc.assert(
      fc.property(doors, prices, seats, seats, (how, price, held, total) => {
        const known = { settings, purchases: 1_000 };
        expect(needs(change(held, total, price), how, known)).toBe('nothing');
        expect(needs(purchase(total), how, known)).toBe('nothing');
      }),
    );
  });
});

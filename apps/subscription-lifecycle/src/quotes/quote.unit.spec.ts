import { Decimal, Money } from '@isthmus/domain';
import fc from 'fast-check';
import type { OrderSpec } from '../orders/order.ts';
import { quoteOfRefused } from './build-quote.ts';
import { differences, prorated, type Quote, quotedConsent, sumOf, times, withTolerance } from './quote.ts';

const product = fc.record({
  vendor: fc.constantFrom('MICROSOFT', 'VEEAM'),
  mpn: fc.constantFrom('A', 'B'),
  cmpProductId: fc.constantFrom('PRD1', 'PRD2', undefined),
  term: fc.constantFrom({ type: 'year' as const, duration: 1 }, undefined),
});
const seats = fc.integer({ min: 1, max: 3 });
const of = { cmpAccountId: fc.constantFrom('1', '2'), cmpSubscriptionId: fc.constantFrom('8', '9') };
const parameters = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('a', 'b'), value: fc.constantFrom('1', '2') }),
  { selector: ({ name }) => name },
);
const specs: fc.Arbitrary<OrderSpec> = fc.oneof(
  fc.record({
    kind: fc.constant('create' as const),
    cmpAccountId: of.cmpAccountId,
    product,
    seats,
    parameters,
  }),
  fc.record({
    kind: fc.constant('change-quantity' as const),
    ...of,
    product,
    seats,
    when: fc.constantFrom('now' as const, 'renewal' as const),
  }),
  fc.record({ kind: fc.constant('cancel' as const), ...of }),
  fc.record({ kind: fc.constant('renewal-setting' as const), ...of, autoRenew: fc.boolean() }),
) as never;
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
/** In another order of members and parameters, which says nothing else. */
const canonical = (spec: OrderSpec): string =>
  JSON.stringify({
    ...spec,
    parameters: 'parameters' in spec ? spec.parameters.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : [],
  });

const quoted = (spec: OrderSpec, more: Partial<Quote> = {}): Quote => ({
  ...quoteOfRefused({ code: 'x', detail: 'x', nextStep: 'x' }),
  spec,
  total: Money.of('100.00', 'USD'),
  refused: null,
  ...more,
});
const purchase: OrderSpec = {
  kind: 'create',
  cmpAccountId: '1',
  product: { vendor: 'MICROSOFT', mpn: 'A' },
  seats: 5,
  parameters: [],
};
const consent = (quote: Quote, spec: OrderSpec = purchase, now = 99, percent = 0) =>
  quotedConsent({ id: 'q', quote: stored(quote), expiresAt: 100 }, spec, percent, now);

it('lets through exactly what was quoted, as it comes out of the store', () => {
  fc.assert(
    fc.property(specs, specs, (a, b) => {
      expect(differences(stored(a), a)).toEqual([]);
      expect(differences(stored(a), b).length === 0).toBe(canonical(stored(a)) === canonical(stored(b)));
    }),
    { numRuns: 2_000 },
  );
});

it('agrees to the total within the tolerance, and to the products that CMP adds and no others', () => {
  const line = { name: null, seatsBefore: 0, seatsAfter: 1, unitPrice: null, extendedPrice: null };
  const lines = [
    { ...line, mpn: 'A', addedByCmp: false },
    { ...line, mpn: 'BASE', addedByCmp: true },
  ];
  expect(consent(quoted(purchase, { lines }), purchase, 0, 2.5)).toEqual({
    highestTotal: { amount: '102.50', currency: 'USD' },
    extraProducts: ['BASE'],
  });
});

it('agrees to no price where nothing is charged', () => {
  const cancel: OrderSpec = { kind: 'cancel', cmpAccountId: '1', cmpSubscriptionId: '2' };
  expect(consent(quoted(cancel, { total: null }), cancel).highestTotal).toBeNull();
});

it.each([
  ['that has expired', quoted(purchase), 100, 'quote.expired'],
  ['of another order', quoted({ ...purchase, seats: 6 }), 0, 'order.differs-from-quote'],
  [
    'of what would be refused',
    quoted(purchase, { refused: { code: 'x', detail: 'x', nextStep: 'x' } }),
    0,
    'order.quote-refused',
  ],
  ['without a price', quoted(purchase, { total: null }), 0, 'order.quote-without-price'],
])('agrees to nothing by a quote %s', (_, quote, now, code) =>
  expect(() => consent(quote, purchase, now)).toThrow(expect.objectContaining({ code })),
);

const at = (text: string) => Date.parse(text);
const year = {
  from: at('2026-01-01T00:00:00Z'),
  until: at('2027-01-01T00:00:00Z'),
  seatPrice: Money.of('365.00', 'USD'),
};

describe('an estimate for the rest of a period', () => {
  it.each([
    ['the first day', 1, '2026-01-01T09:00:00Z', '365.00'],
    ['the last day', 1, '2026-12-31T09:00:00Z', '1.00'],
    ['after it', 1, '2027-02-01T00:00:00Z', '0.00'],
    ['day five, given back: five days are billed', -1, '2026-01-05T09:00:00Z', '-360.00'],
    ['two of them', -2, '2026-01-05T09:00:00Z', '-720.00'],
  ])('%s', (_, seats, now, amount) => {
    expect(prorated(year, seats, at(now)).amount).toBe(amount);
  });

  it('knows no floats: a third of a cent is rounded once', () => {
    const month = { from: at('2026-02-01'), until: at('2026-03-01'), seatPrice: Money.of('0.10', 'USD') };
    expect(prorated(month, 3, at('2026-02-15')).amount).toBe('0.15');
    expect(prorated({ ...month, seatPrice: Money.of('22.005', 'USD') }, 1, at('2026-02-01')).amount).toBe(
      '22.005',
    );
  });

  it('never gives back more than it would cost, and costs less the later it is', () => {
    fc.assert(
      fc.property(fc.nat(364), fc.nat(364), fc.integer({ min: 1, max: 50 }), (one, two, seats) => {
        const [sooner, later] = [Math.min(one, two), Math.max(one, two)].map(
          (day) => year.from + day * 86_400_000,
        );
        const cost = (n: number, now: number) => Number(prorated(year, n, now).amount);
        expect(cost(seats, later!)).toBeLessThanOrEqual(cost(seats, sooner!));
        expect(-cost(-seats, sooner!)).toBeLessThanOrEqual(cost(seats, sooner!));
      }),
    );
  });
});

const cents = fc.integer({ min: -10_000_000, max: 10_000_000 });
const money = (units: number, currency = 'USD') =>
  Money.of(
    `${units < 0 ? '-' : ''}${Math.floor(Math.abs(units) / 100)}.${String(Math.abs(units) % 100).padStart(2, '0')}`,
    currency,
  );
const equal = (a: Money, b: Money) => expect([Money.compare(a, b), a, b]).toEqual([0, a, b]);

describe('sums of money', () => {
  it('are exact to the cent, of any signs', () => {
    fc.assert(
      fc.property(fc.array(cents, { minLength: 1, maxLength: 20 }), (units) => {
        const sum = units.reduce((a, b) => a + b, 0);
        equal(sumOf(units.map((one) => money(one)))!, money(sum));
      }),
    );
  });

  it('keep every decimal', () =>
    expect(sumOf([Money.of('0.1', 'USD'), Money.of('0.025', 'USD')])!.amount).toBe('0.125'));

  it('are none where a part is not known, or in another currency', () => {
    expect(sumOf([])).toBeNull();
    expect(sumOf([money(1), null])).toBeNull();
    expect(sumOf([money(1), money(1, 'EUR')])).toBeNull();
  });

  it('are what so many cost', () => {
    fc.assert(
      fc.property(cents, fc.integer({ min: -5_000, max: 5_000 }), (price, count) =>
        equal(times(money(price), count), money(price * count)),
      ),
    );
  });
});

describe('a tolerance', () => {
  it('of nothing changes nothing, and never lowers what may be charged', () => {
    fc.assert(
      fc.property(cents, fc.integer({ min: 0, max: 100 }), (units, percent) => {
        equal(withTolerance(money(units), 0), money(units));
        const raised = Number(withTolerance(money(units), percent).amount) * 100;
        expect(Math.abs(raised - (units + (Math.abs(units) * percent) / 100))).toBeLessThanOrEqual(0.51);
        expect(
          Decimal.compare(withTolerance(money(units), percent).amount, money(units).amount),
        ).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

import { Money } from '@isthmus/domain';
import fc from 'fast-check';
import type { OrderSpec } from '../orders/order.ts';
import { quoteOfRefused } from './build-quote.ts';
import { differences, type Quote, quotedConsent } from './quote.ts';

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
const asks: fc.Arbitrary<OrderSpec> = fc.oneof(
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
const canonical = (ask: OrderSpec): string =>
  JSON.stringify({
    ...ask,
    parameters: 'parameters' in ask ? ask.parameters.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : [],
  });

const quoted = (ask: OrderSpec, more: Partial<Quote> = {}): Quote => ({
  ...quoteOfRefused({ code: 'x', detail: 'x', nextStep: 'x' }),
  ask,
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
const consent = (quote: Quote, ask: OrderSpec = purchase, now = 99, percent = 0) =>
  quotedConsent({ id: 'q', quote: stored(quote), expiresAt: 100 }, ask, percent, now);

it('lets through exactly what was quoted, as it comes out of the store', () => {
  fc.assert(
    fc.property(asks, asks, (a, b) => {
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

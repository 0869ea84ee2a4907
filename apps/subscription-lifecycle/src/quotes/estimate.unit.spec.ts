import { Money } from '@isthmus/domain';
import type { OrderSpec } from '../orders/order.ts';
import type { SubscriptionLine, SubscriptionState } from '../subscriptions/subscription.ts';
import { ownEstimate } from './estimate.ts';

const at = (text: string) => Date.parse(text);
const usd = (amount: string) => Money.of(amount, 'USD');
const line = (more: Partial<SubscriptionLine> = {}): SubscriptionLine => ({
  vendor: 'MICROSOFT',
  mpn: 'CFQ7TTC0LH16:0001',
  cmpProductId: 'PRD1',
  name: 'Basic',
  seats: 10,
  unitPrice: usd('6.00'),
  unitCost: null,
  vendorSubscriptionId: null,
  ...more,
});
const subscription = (more: Partial<SubscriptionState> = {}): SubscriptionState => ({
  name: 'Basic',
  status: 'active',
  autoRenew: true,
  creationDate: '2026-03-01',
  renewalDate: '2027-03-01',
  expirationDate: null,
  billingPeriod: { type: 'month', duration: 1 },
  term: { type: 'year', duration: 1 },
  lines: [line()],
  lots: null,
  termStartedAt: at('2026-03-01'),
  providerVersion: 1,
  asOf: at('2026-03-01'),
  ...more,
});
const of = { cmpAccountId: '1', cmpSubscriptionId: '2' };
const cancel: OrderSpec = { kind: 'cancel', ...of };
const change = (seats: number, when: 'now' | 'renewal' = 'now'): OrderSpec => ({
  kind: 'change-quantity',
  ...of,
  seats,
  when,
  product: { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LH16:0001', cmpProductId: 'PRD1' },
});
const estimate = (spec: OrderSpec, state = subscription(), now = at('2026-03-11T10:00:00Z'), full = false) =>
  ownEstimate(
    spec,
    { unitPrice: usd('6.00'), dependsOn: [], subscription: spec.kind === 'create' ? null : state },
    { fullRefundFirstDay: full },
    now,
  )?.amount ?? null;

it.each([
  [
    'a purchase: its first period',
    { kind: 'create', cmpAccountId: '1', seats: 3, parameters: [], product: { vendor: 'M', mpn: 'X' } },
    '18.00',
  ],
  ['seats added on the eleventh day of 31: 21 days of them', change(15), '20.32'],
  ['seats given back then: 20 days of them', change(8), '-7.74'],
  ['a change for the renewal: a period of all seats', change(4, 'renewal'), '24.00'],
  ['a cancellation on the eleventh day: 20 days of all seats', cancel, '-38.71'],
  ['a renewal setting: nothing', { kind: 'renewal-setting', ...of, autoRenew: false }, '0.00'],
] as [string, OrderSpec, string][])('is, of %s', (_, spec, amount) => expect(estimate(spec)).toBe(amount));

it('gives everything back within the first day where that is the rule, and a day less where it is not', () => {
  const now = at('2026-03-01T20:00:00Z');
  expect(estimate(cancel, subscription(), now, true)).toBe('-60.00');
  expect(estimate(cancel, subscription(), now)).toBe('-58.06');
  expect(estimate(cancel, subscription(), at('2026-03-02T00:01:00Z'), true)).toBe('-56.13');
});

it('adds up every line of a cancellation, and prices a change by its own line', () => {
  const two = subscription({
    lines: [
      line({ cmpProductId: 'PRD2', mpn: 'CFQ7TTC0LH16:0005', unitPrice: usd('4.00'), seats: 1 }),
      line(),
    ],
  });
  expect(estimate(cancel, two)).toBe('-41.29');
  expect(estimate(change(15), two)).toBe('20.32');
});

it.each([
  ['without a price', { lines: [line({ unitPrice: null })] }],
  ['without a term', { termStartedAt: null }],
  ['without a billing period', { billingPeriod: null }],
  ['of which no line is known', { lines: null }],
  ['of a legacy product', { lines: [line({ mpn: 'bd938f12-058f-4927-bba3-ae36b1d2501c' })] }],
])('is not known of the cancellation of a subscription %s', (_, more) =>
  expect(estimate(cancel, subscription(more))).toBeNull(),
);

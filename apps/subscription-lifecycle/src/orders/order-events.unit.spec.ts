import { OrderSettledV1 } from '@isthmus/contracts';
import { orderEvent } from './order-events.ts';
import { newOrder, type OrderRecord } from './order.ts';

const id = '0b0e6d38-9f1c-4b1e-8a3e-0f7c6f0f6f01';
const spec = { kind: 'cancel', cmpAccountId: '1000100', cmpSubscriptionId: '1000101' } as const;
const record = newOrder(id, spec, { highestTotal: null, extraProducts: 'any' }, 0);
const row = {
  id,
  tenantId: id,
  connectorId: id,
  subscriptionId: id,
  requestedBy: 'kim',
  correlationId: id,
  record,
};

const chargedTotal = (amount: string): unknown => {
  const next: OrderRecord = { ...record, status: 'settled', charged: { amount, currency: 'USD' as never } };
  const [event] = orderEvent(row, next, 2);
  expect(event!.type).toBe('subscription-lifecycle.order-settled.v1');
  return (event!.data as OrderSettledV1).chargedTotal?.amount;
};

it.each(['-12.40', '1234567890123456.5', '0.00000000000001'])(
  'tells every amount that a contract has room for: %s',
  (amount) => {
    expect(chargedTotal(amount)).toBe(amount);
  },
);

it('leaves out an amount that no contract has room for, and tells the rest', () => {
  expect(chargedTotal(`0.${'1'.repeat(21)}`)).toBeUndefined();
});

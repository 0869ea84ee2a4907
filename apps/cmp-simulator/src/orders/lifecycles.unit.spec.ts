import { CmpRefusal } from '../wire/errors.ts';
import {
  codeAfter,
  moveOrder,
  type OrderAction,
  orderLifecycle,
  type OrderState,
  type OrderStatus,
} from './order.ts';
import {
  moveSubscription,
  type SubscriptionAction,
  subscriptionLifecycle,
  type SubscriptionState,
  type SubscriptionStatus,
} from '../subscriptions/subscription.ts';

type Table = Record<string, Record<string, string>>;

function reachable(table: Table, from: string): Set<string> {
  const seen = new Set([from]);
  for (const status of seen) for (const next of Object.values(table[status]!)) seen.add(next);
  return seen;
}

it('every status of an order can be reached from submitted', () => {
  expect([...reachable(orderLifecycle, 'submitted')].sort()).toEqual(Object.keys(orderLifecycle).sort());
});

it('every status of a subscription can be reached from pending', () => {
  expect([...reachable(subscriptionLifecycle, 'pending')].sort()).toEqual(
    Object.keys(subscriptionLifecycle).sort(),
  );
});

const orderSteps = (Object.keys(orderLifecycle) as OrderStatus[]).flatMap((status) =>
  (Object.keys(codeAfter) as OrderAction[]).map((action) => [status, action] as const),
);
it.each(orderSteps)('an order that is %s answers %s as its table says', (status, action) => {
  const order = { number: 'CH000001', status, statusCode: 'LO' } as OrderState;
  const next = (orderLifecycle as Table)[status]![action];
  if (!next) return expect(() => moveOrder(order, action)).toThrow(CmpRefusal);
  moveOrder(order, action);
  expect(order).toMatchObject({ status: next, statusCode: codeAfter[action] });
});

const actions: SubscriptionAction[] = ['provision', 'fail', 'suspend', 'resume', 'end', 'remove'];
const steps = (Object.keys(subscriptionLifecycle) as SubscriptionStatus[]).flatMap((status) =>
  actions.map((action) => [status, action] as const),
);
it.each(steps)('a subscription that is %s answers %s as its table says', (status, action) => {
  const subscription = { id: '1', status } as SubscriptionState;
  const next = (subscriptionLifecycle as Table)[status]![action];
  if (!next) return expect(() => moveSubscription(subscription, action)).toThrow(CmpRefusal);
  moveSubscription(subscription, action);
  expect(subscription.status).toBe(next);
});

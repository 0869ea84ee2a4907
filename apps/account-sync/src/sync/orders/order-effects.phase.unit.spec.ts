import { explainedOrders } from './order-effects.phase.ts';
import type { DueOrder, FoundChange } from './orders.store.ts';

const order = (id: string, type: string, cmpAccountId = 'a'): DueOrder => ({
  id,
  cmpId: id,
  type,
  cmpAccountId,
  cmpSubscriptionId: null,
  readAt: new Date(0),
  lines: null,
  recent: true,
});
const change = (result: string, changed: string[] = [], cmpAccountId = 'a'): FoundChange => ({
  cmpAccountId,
  result,
  changed,
});
const explained = (orders: DueOrder[], changes: FoundChange[]) =>
  explainedOrders(orders, changes).map(({ id }) => id);

it.each<[string, FoundChange]>([
  ['sales', change('appeared')],
  ['change', change('changed', ['quantity', 'lines'])],
  ['cancellation', change('ended', ['status'])],
  ['renewal', change('changed', ['renewalDate'])],
])('takes a %s order as explained by the change it brings about', (type, found) => {
  expect(explained([order('1', type)], [found])).toEqual(['1']);
});

it.each<[string, FoundChange[]]>([
  ['nothing was found', []],
  ['what was found is of another account', [change('changed', ['lines'], 'b')]],
  ['what was found is another kind of change', [change('changed', ['autoRenew'])]],
])('does not take a change order as explained when %s', (_, changes) => {
  expect(explained([order('1', 'change')], changes)).toEqual([]);
});

it('explains neither of two orders by one change, since which of them is missing cannot be told', () => {
  expect(explained([order('1', 'change'), order('2', 'change')], [change('changed', ['lines'])])).toEqual([]);
});

it('never explains an order of a type whose effect is not known', () => {
  expect(
    explained([order('1', 'migration'), order('2', 'unknown')], [change('appeared'), change('ended')]),
  ).toEqual([]);
});

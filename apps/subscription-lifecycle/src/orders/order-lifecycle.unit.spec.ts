import {
  blockingStatuses,
  finalStatuses,
  IllegalOrderAction,
  orderActions,
  orderLifecycle,
  orderStatuses,
  statusAfter,
} from './order-lifecycle.ts';
import { newOrder, transition } from './order.ts';

const order = (status: (typeof orderStatuses)[number]) => ({
  ...newOrder(
    '0b0e6d38-9f1c-4b1e-8a3e-0f7c6f0f6f01',
    { kind: 'cancel', cmpAccountId: '1', cmpSubscriptionId: '2' },
    { highestTotal: null, extraProducts: 'any' },
    0,
  ),
  status,
});

describe('the life of an order', () => {
  it.each(orderStatuses.flatMap((status) => orderActions.map((action) => [status, action] as const)))(
    'from %s, "%s" does what the table says and is refused loudly otherwise',
    (status, action) => {
      const next = (orderLifecycle[status] as Record<string, string>)[action];
      expect(statusAfter(status, action)).toBe(next);
      if (next) expect(transition(order(status), action, 1).status).toBe(next);
      else expect(() => transition(order(status), action, 1)).toThrow(IllegalOrderAction);
    },
  );

  it('reaches every status from planned', () => {
    const reached = new Set<string>(['planned']);
    for (const status of reached)
      for (const next of Object.values(orderLifecycle[status as keyof typeof orderLifecycle]))
        reached.add(next);
    expect([...reached].toSorted()).toEqual([...orderStatuses].toSorted());
  });

  it('can end from everywhere: no status is a trap', () => {
    for (const status of orderStatuses) {
      const reached = new Set<string>([status]);
      for (const one of reached)
        for (const next of Object.values(orderLifecycle[one as keyof typeof orderLifecycle]))
          reached.add(next);
      expect(finalStatuses.some((end) => reached.has(end))).toBe(true);
    }
  });

  it('sends only what is planned, and settles only what was proven or never had to be sent', () => {
    const leadingTo = (target: string) =>
      orderStatuses.filter((status) => (Object.values(orderLifecycle[status]) as string[]).includes(target));
    expect(leadingTo('sending')).toEqual(['planned']);
    expect(leadingTo('settled')).toEqual([
      'planned',
      'proving',
      'completed-not-effective',
      'needs-attention',
    ]);
  });

  it('lets nothing of a queue pass while an order of it is open, except one that waits for the renewal', () => {
    expect(blockingStatuses).toEqual([
      'planned',
      'sending',
      'unknown',
      'accepted',
      'proving',
      'completed-not-effective',
      'needs-attention',
    ]);
  });
});

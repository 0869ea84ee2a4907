import type { OrderOutcome, OrderStateV1 } from '@isthmus/contracts';
import type { OrderStatus } from '../domain/order/order-lifecycle.ts';
import { describeWait } from '../domain/order/order-wait.ts';
import { defaultPatience } from '../domain/order/patience.ts';
import type { OrderStateRow } from '../persistence/order-states.ts';

const outcomes: Partial<Record<OrderStatus, OrderOutcome>> = {
  settled: 'settled',
  refused: 'refused',
  withdrawn: 'withdrawn',
  'completed-not-effective': 'raised',
  'needs-attention': 'raised',
};

/** An order in the words of an answer to another service. */
export function tellOrder({ id, record, subscriptionId, wait }: OrderStateRow): OrderStateV1 {
  const { ask, status, reason, cmpSubscriptionId, askedAt, finishedAt } = record;
  return {
    orderId: id,
    kind: ask.kind,
    outcome: outcomes[status] ?? 'running',
    reason: reason ?? undefined,
    waiting: wait ? describeWait(record, wait, defaultPatience) : undefined,
    cmpSubscriptionId: cmpSubscriptionId ?? undefined,
    subscriptionId: subscriptionId ?? undefined,
    askedAt: new Date(askedAt).toISOString(),
    finishedAt: finishedAt === null ? undefined : new Date(finishedAt).toISOString(),
  };
}

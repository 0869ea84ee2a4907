import { move } from '../move.ts';
import type { OrderRecord } from '../order-record.ts';
import type { SeenOrder } from '../seen-order.ts';
import { delayOf, type Patience } from '../patience.ts';

/** CMP has the order: it is followed from here, whatever it was before. */
export const accepted = (order: OrderRecord, seen: SeenOrder, now: number, patience: Patience): OrderRecord =>
  move(order, 'accept', now, {
    ...factsOf(order, seen, now),
    acceptedAt: order.acceptedAt ?? now,
    lateAnswer: null,
    nextStepAt: now + delayOf(patience.follows, 0),
  });

/** What is known of an order at CMP after seeing it; what CMP leaves out stays as it was. */
export const factsOf = (order: OrderRecord, seen: SeenOrder, now: number) => ({
  ...(seen.total ? { charged: seen.total } : {}),
  cmpStatusCode: seen.statusCode ?? order.cmpStatusCode ?? null,
  cmpWait: seen.acceptance
    ? ('customer-acceptance' as const)
    : seen.held
      ? ('portal-confirmation' as const)
      : null,
  acceptance: seen.acceptance ? { ...seen.acceptance, since: order.acceptance?.since ?? now } : null,
  cmpOrderId: seen.cmpOrderId,
  cmpOrderNumber: seen.cmpOrderNumber ?? order.cmpOrderNumber,
  cmpStatus: seen.status,
  cmpSubscriptionId: seen.cmpSubscriptionId ?? order.cmpSubscriptionId,
});

import { move } from './move.ts';
import { statusAfter, type OrderStatus } from './order-lifecycle.ts';
import { reason, type OrderReason } from './order-reason.ts';
import type { OrderRecord } from './order-record.ts';
import { defaultPatience, delayOf } from './patience.ts';

const atRest: readonly OrderStatus[] = ['settled', 'refused', 'withdrawn', 'completed-not-effective'];

/**
 * The order, given to people for a reason from outside it. What may be at CMP stays to be looked for and followed there by
 * itself, and is never sent again without a person's retry; what was not sent rests. One that is at its end, or with
 * people already, stays as it is.
 */
export function escalate(order: OrderRecord, why: OrderReason, now: number): OrderRecord {
  // Nobody can say how far the worker comes that is sending it; whatever CMP answers is kept as a late answer.
  const known = order.status === 'sending' ? move(order, 'lose-track', now) : order;
  if (atRest.includes(known.status) || !statusAfter(known.status, 'alarm')) return order;
  return move(known, 'alarm', now, {
    reason: why,
    nextStepAt: now + delayOf(defaultPatience.looks, 0),
  });
}

/** An order of a subscription that belongs to another customer now. What CMP keeps for its renewal is taken back. */
export function stopForTransfer(
  order: OrderRecord,
  { from, to }: { from: string; to: string },
  now: number,
): OrderRecord {
  const moved = `CMP lists subscription ${order.cmpSubscriptionId} under account ${to} now; the order is for account ${from}.`;
  const stopped = escalate(order, reason('subscription-transferred', moved, nextStepOf(order)), now);
  const kept = order.ask.kind === 'change-quantity' && order.ask.when === 'renewal' && order.attempts > 0;
  return kept && stopped !== order ? { ...stopped, withdrawAsked: true } : stopped;
}

/** An order whose connector was removed: refused while nothing can be at CMP, otherwise given to people. */
export function stopForRemovedConnector(order: OrderRecord, now: number): OrderRecord {
  if (order.status === 'planned' && order.attempts === 0)
    return move(order, 'refuse', now, {
      reason: reason(
        'connector-removed',
        'The connector was removed before the order was sent.',
        'Set the connector up again, then place a new order.',
      ),
    });
  const detail = 'The connector was removed while the order was at CMP, or may have been.';
  return escalate(order, reason('connector-removed', detail, nextStepOf(order)), now);
}

const nextStepOf = ({ attempts, marker, cmpOrderNumber }: OrderRecord): string =>
  attempts === 0
    ? 'Nothing was sent. Resolve it as refused, and place a new order if it is still wanted.'
    : `Look in CMP's control panel for ${cmpOrderNumber ? `order ${cmpOrderNumber}` : `the purchase order number ${marker}`}, then resolve this order.`;

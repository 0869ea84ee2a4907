import { IllegalOrderAction } from './illegal-order-action.error.ts';
import { isFinal } from './order-lifecycle.ts';
import { move } from './move.ts';
import type { OrderRecord } from './order-record.ts';
import { reason } from './order-reason.ts';

/** What a person decided about an order that needs attention, having looked in CMP's control panel. */
export type Decision =
  | { resolve: 'settled' | 'refused'; because: string }
  | { resolve: 'found'; cmpOrderId: string; because: string };

const actions = { settled: 'settle', refused: 'refuse', found: 'accept' } as const;

/**
 * The order after somebody decided.
 * @throws IllegalOrderAction when it does not need anybody
 */
export function resolve(order: OrderRecord, decision: Decision, by: string, now: number): OrderRecord {
  const action = actions[decision.resolve];
  if (order.status !== 'needs-attention' && order.status !== 'completed-not-effective')
    throw new IllegalOrderAction(order.id, order.status, action);
  const why = reason('resolved-by-hand', `${by}: ${decision.because}`, 'Nothing: it was decided by hand.');
  if (decision.resolve !== 'found') return move(order, action, now, { reason: why });
  const { cmpOrderId } = decision;
  return move(order, action, now, { cmpOrderId, acceptedAt: order.acceptedAt ?? now, reason: why });
}

/**
 * One more attempt. It begins with looking for the order once more, so that a person's mistake does not double it.
 * @throws IllegalOrderAction when it does not need anybody
 */
export const retry = (order: OrderRecord, now: number): OrderRecord =>
  move(order, 'retry', now, {
    attemptsAllowed: order.attempts + 1,
    checkedAt: null,
    lastAbsentAt: null,
    absentLooks: 0,
  });

/** Takes effect at once while nothing was sent; otherwise as soon as it is known whether and how CMP has the order. */
export function askWithdrawal(order: OrderRecord, now: number): OrderRecord {
  if (order.status === 'planned' && order.attempts === 0) return move(order, 'withdraw', now);
  if (isFinal(order.status)) return order;
  return { ...order, withdrawAsked: true, nextStepAt: Math.min(order.nextStepAt, now) };
}

import { IllegalOrderAction } from './illegal-order-action.error.ts';
import { isFinal, statusAfter, type OrderAction } from './order-lifecycle.ts';
import type { OrderRecord } from './order-record.ts';

/**
 * The order after an action, with whatever else changes. The backoff starts anew, the next step is due at once.
 * @throws IllegalOrderAction
 */
export function move(
  order: OrderRecord,
  action: OrderAction,
  now: number,
  changes: Partial<OrderRecord> = {},
): OrderRecord {
  const status = statusAfter(order.status, action);
  if (!status) throw new IllegalOrderAction(order.id, order.status, action);
  const finishedAt = isFinal(status) ? now : null;
  return { ...order, reason: null, idleSteps: 0, nextStepAt: now, ...changes, status, finishedAt };
}

/** The order as it stands, to be looked at again after `ms`. */
export function wait(
  order: OrderRecord,
  now: number,
  ms: number,
  changes: Partial<OrderRecord> = {},
): OrderRecord {
  return { ...order, idleSteps: order.idleSteps + 1, ...changes, nextStepAt: now + ms };
}

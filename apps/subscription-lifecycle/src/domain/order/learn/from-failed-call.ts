import { move, wait } from '../move.ts';
import { delayOf } from '../patience.ts';
import type { Learning } from './learning.ts';

/** A read failed, which says nothing about the order: the same step again, later. */
export const onCallFailed: Learning<'call-failed'> = (order, evidence, { now, patience }) => {
  const delay = Math.max(evidence.retryAfter ?? 0, delayOf(patience.retries, order.idleSteps));
  const waiting = wait(order, now, delay, { reason: evidence.reason });
  const unsent = order.status === 'planned' && order.attempts === 0;
  if (!unsent || waiting.idleSteps < patience.retriesBeforeAlarm) return waiting;
  return move(order, 'alarm', now, {
    reason: evidence.reason,
    nextStepAt: now + patience.whileAlarmed,
  });
};

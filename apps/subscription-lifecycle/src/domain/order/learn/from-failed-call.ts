import type { OrderReason } from '../order-reason.ts';
import type { OrderRecord } from '../order-record.ts';
import { move, wait } from '../move.ts';
import { delayOf } from '../patience.ts';
import { stopForRemovedConnector } from '../stop.ts';
import type { Learning, Moment } from './learning.ts';

/** A call failed, which says nothing about the order: the same step again, later, and never in silence for days. */
export const onCallFailed: Learning<'call-failed'> = (order, evidence, moment) => {
  const { now, patience } = moment;
  const delay = Math.max(evidence.retryAfter ?? 0, delayOf(patience.retries, order.idleSteps));
  // What was raised stays raised for its own reason.
  const raised = order.status === 'needs-attention' || order.status === 'completed-not-effective';
  if (evidence.reason.code === 'connector-removed')
    return raised ? wait(order, now, patience.whileAlarmed) : stopForRemovedConnector(order, now);
  if (raised || order.status === 'scheduled') return wait(order, now, delay);
  // Nobody tried anything: a connector that somebody paused is not a call that keeps failing.
  const pausedTooLong = evidence.paused === true && now - order.askedAt >= patience.confirmWithin;
  if (evidence.paused && !pausedTooLong)
    return wait(order, now, delayOf(patience.retries, patience.retries.length), {
      idleSteps: order.idleSteps,
      reason: evidence.reason,
    });
  if (!pausedTooLong && !tooLong(order, moment)) return wait(order, now, delay, { reason: evidence.reason });
  return move(order, 'alarm', now, {
    reason: unreadable(order, evidence.reason),
    nextStepAt: now + patience.whileAlarmed,
  });
};

function tooLong(order: OrderRecord, { now, patience }: Moment): boolean {
  if (order.status === 'planned') return order.idleSteps + 1 >= patience.retriesBeforeAlarm;
  const since = order.completedAt ?? order.acceptedAt ?? order.lastSentAt ?? order.askedAt;
  return now - since >= (order.status === 'accepted' ? patience.confirmWithin : patience.readWithin);
}

const unreadable = ({ status, marker }: OrderRecord, why: OrderReason): OrderReason => ({
  ...why,
  detail: `What became of the order cannot be read at CMP: ${why.detail}`,
  nextStep:
    status === 'planned'
      ? 'Mend what keeps CMP from answering, then retry the order.'
      : `Search CMP's control panel for the purchase order number ${marker}, then resolve or retry the order.`,
});

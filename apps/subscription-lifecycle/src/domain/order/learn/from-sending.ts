import { move } from '../move.ts';
import { reason } from '../order-reason.ts';
import { delayOf } from '../patience.ts';
import { accepted } from './accepted.ts';
import type { Learning } from './learning.ts';

export const onAnswered: Learning<'answered'> = (order, evidence, { now, patience }) =>
  accepted(order, evidence.order, now, patience);

/** A setting was changed without an order; only reading it again proves it. */
export const onCarriedOut: Learning<'carried-out'> = (order, _, { now }) =>
  move(move(order, 'accept', now), 'complete', now, { acceptedAt: now, completedAt: now });

export const onRefusedByCmp: Learning<'refused-by-cmp'> = (order, evidence, { now }) =>
  move(order, 'refuse', now, { reason: evidence.reason });

/**
 * Another order of the subscription is under way at CMP. On a first attempt it is somebody else's, and ours waits for
 * its turn; on a second it may be our own first one, arrived late, and has to be looked for.
 */
export const onConflict: Learning<'conflict'> = (order, evidence, moment) => {
  const { now, patience } = moment;
  if (order.attempts > 1)
    return move(order, 'lose-track', now, { absentLooks: 0, lastAbsentAt: null, reason: evidence.reason });
  return putBack(order, evidence.reason, 5 * 60_000, now, patience.retriesBeforeAlarm);
};

/** It did not reach CMP, so that sending it again is sending it once. */
export const onNotSent: Learning<'not-sent'> = (order, evidence, { now, patience }) => {
  const delay = Math.max(evidence.retryAfter ?? 0, delayOf(patience.retries, order.idleSteps));
  return putBack(order, evidence.reason, delay, now, patience.retriesBeforeAlarm);
};

export const onNoAnswer: Learning<'no-answer'> = (order, evidence, { now, patience }) =>
  move(order, 'lose-track', now, {
    reason: evidence.reason,
    doubtfulRefusal: evidence.words,
    clearRefusal: evidence.clear ?? false,
    refusalAt: evidence.words === null ? null : now,
    absentLooks: 0,
    lastAbsentAt: null,
    nextStepAt: now + delayOf(patience.looks, 0),
  });

function putBack(
  order: Parameters<typeof move>[0],
  why: ReturnType<typeof reason>,
  delay: number,
  now: number,
  retries: number,
): ReturnType<typeof move> {
  const idleSteps = order.idleSteps + 1;
  // The attempt that did not reach CMP does not count, unless an earlier one may have.
  const attempts = Math.max(0, order.attempts - 1);
  const back = move(order, 'put-back', now, {
    attempts,
    lastSentAt: attempts === 0 ? null : order.lastSentAt,
    firstSentAt: attempts === 0 ? null : order.firstSentAt,
    checkedAt: null,
    idleSteps,
    reason: why,
    nextStepAt: now + delay,
  });
  return idleSteps < retries ? back : move(back, 'alarm', now, { reason: why, idleSteps: 0 });
}

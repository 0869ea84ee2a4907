import { move } from '../move.ts';
import { reason } from '../order-reason.ts';
import type { Learning } from './learning.ts';

/** Sending is the next step, at once: what was checked does not keep. */
export const onChecksPassed: Learning<'checks-passed'> = (order, { seatsBefore, since }, { now }) => ({
  ...order,
  checkedAt: since,
  seatsBefore,
  reason: null,
  nextStepAt: now,
});

/** After an earlier POST the effect may be that order's own, which then has to be found; otherwise there is nothing to do. */
export const onAlreadySo: Learning<'already-so'> = (order, { detail }, { now }) =>
  move(order, 'settle', now, {
    reason: reason('already-so', detail, 'Nothing: no order was placed for it.'),
  });

export const onChecksRefused: Learning<'checks-refused'> = (order, evidence, { now }) =>
  move(order, 'refuse', now, { reason: evidence.reason });

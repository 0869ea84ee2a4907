import { move, wait } from '../move.ts';
import { reason } from '../order-reason.ts';
import { delayOf } from '../patience.ts';
import { notAccepted } from './from-following.ts';
import type { Learning } from './learning.ts';

/** Sending is the next step, at once: what was checked does not keep. */
export const onChecksPassed: Learning<'checks-passed'> = (
  order,
  { seatsBefore, since, estimated, parameters },
  { now },
) => ({
  ...order,
  ...(parameters && order.ask.kind === 'create' ? { ask: { ...order.ask, parameters } } : {}),
  ...(estimated && order.terms && order.terms.totalFrom !== 'quote'
    ? { terms: { ...order.terms, total: estimated, totalFrom: 'cmp' as const } }
    : {}),
  checkedAt: since,
  seatsBefore,
  cmpWait: null,
  acceptance: null,
  reason: null,
  nextStepAt: now,
});

/** CMP takes the order only after the customer has accepted something: it is checked again until then, and not for ever. */
export const onAcceptanceNeeded: Learning<'acceptance-needed'> = (
  order,
  { acceptance },
  { now, patience },
) => {
  const since = order.acceptance?.since ?? now;
  const waiting = {
    cmpWait: 'customer-acceptance' as const,
    acceptance: { ...acceptance, since },
    checkedAt: null,
    reason: null,
  };
  if (now - since < patience.confirmWithin)
    return wait(order, now, delayOf(patience.follows, order.idleSteps), waiting);
  const next = { ...order, ...waiting };
  return move(next, 'alarm', now, { reason: notAccepted(next, patience) });
};

/** After an earlier POST the effect may be that order's own, which then has to be found; otherwise there is nothing to do. */
export const onAlreadySo: Learning<'already-so'> = (order, { detail }, { now }) =>
  move(order, 'settle', now, {
    reason: reason('already-so', detail, 'Nothing: no order was placed for it.'),
  });

export const onChecksRefused: Learning<'checks-refused'> = (order, evidence, { now }) =>
  move(order, 'refuse', now, { reason: evidence.reason });

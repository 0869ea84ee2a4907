import { totalDifference } from '../judge-total.ts';
import { move, wait } from '../move.ts';
import { reason } from '../order-reason.ts';
import { delayOf } from '../patience.ts';
import type { Learning } from './learning.ts';

/** Done as asked; what it costs has to be as quoted too, or somebody decides. */
export const onEffect: Learning<'effect'> = (order, _, { now, patience }) => {
  const why = totalDifference(order);
  if (!why) return move(order, 'settle', now);
  const escalated = { reason: why, nextStepAt: now + patience.whileAlarmed };
  return order.status === 'needs-attention'
    ? wait(order, now, patience.whileAlarmed, { reason: why })
    : move(order, 'alarm', now, escalated);
};

/** CMP needs a moment; after that, completed without effect is a case for people, and still looked after. */
export const onNoEffect: Learning<'no-effect'> = (order, { difference }, { now, patience }) => {
  const again = { idleSteps: order.idleSteps + 1 };
  if (order.status !== 'proving') return wait(order, now, patience.whileAlarmed, again);
  if (again.idleSteps < patience.rereadsBeforeDisproof)
    return wait(order, now, delayOf(patience.rereads, again.idleSteps), again);
  return move(order, 'disprove', now, {
    reason: reason(
      'no-effect',
      `CMP says that order ${order.cmpOrderNumber ?? order.cmpOrderId ?? order.id} is completed, but ${difference}.`,
      "Compare order and subscription in CMP's control panel; ask CMP's support with the order number.",
    ),
    nextStepAt: now + patience.whileAlarmed,
  });
};

import { statusAfter } from '../order-lifecycle.ts';
import { move, wait } from '../move.ts';
import type { OrderRecord } from '../order-record.ts';
import { reason } from '../order-reason.ts';
import { delayOf } from '../patience.ts';
import { factsOf } from './accepted.ts';
import type { Learning, Moment } from './learning.ts';

export const onFollowed: Learning<'followed'> = (before, evidence, moment) => {
  const { now } = moment;
  const seen = evidence.order;
  const order = { ...before, ...factsOf(before, seen, now) };
  if (seen.status === 'completed') return move(order, 'complete', now, { completedAt: now });
  if (seen.status === 'cancelled') return cancelled(order, now);
  // Some CMPs show an order on hold as an error; somebody may still confirm it.
  if (seen.status === 'error' && !seen.held) return move(order, 'refuse', now, { reason: failed(order) });
  const parked = order.ask.kind === 'change-quantity' && order.ask.when === 'renewal';
  if (parked && seen.status === 'processing' && statusAfter(order.status, 'schedule'))
    return move(order, 'schedule', now, { nextStepAt: now + moment.patience.whileAlarmed });
  return still(order, moment);
};

/** It goes on: sooner at first, more rarely later, and with an alarm when it takes days. It is never given up. */
function still(order: OrderRecord, { now, patience }: Moment): OrderRecord {
  if (order.status !== 'accepted') return wait(order, now, patience.whileAlarmed);
  if (now - (order.acceptedAt ?? now) < patience.confirmWithin)
    return wait(order, now, delayOf(patience.follows, order.idleSteps));
  return move(order, 'alarm', now, {
    reason: order.acceptance ? notAccepted(order, patience) : notFinished(order, patience),
    nextStepAt: now + patience.whileAlarmed,
  });
}

const daysOf = (ms: number): number => Math.round(ms / 86_400_000);

const notFinished = (order: OrderRecord, { confirmWithin }: Moment['patience']) =>
  reason(
    'not-finished-by-cmp',
    `CMP has kept order ${order.cmpOrderNumber ?? order.cmpOrderId} in ${order.cmpStatus} for ${daysOf(confirmWithin)} days.`,
    "Confirm or cancel it in CMP's control panel; it is still followed.",
  );

/** The same before and after CMP has taken the order. */
export const notAccepted = ({ acceptance, cmpOrderId }: OrderRecord, { confirmWithin }: Moment['patience']) =>
  reason(
    'not-accepted-by-customer',
    `The customer has not accepted ${acceptance?.link ?? "what CMP's control panel shows"} within ${daysOf(confirmWithin)} days.`,
    cmpOrderId === null
      ? 'Have the customer accept it, then retry the order.'
      : "Have the customer accept it, or cancel the order in CMP's control panel; it is still followed.",
  );

const cancelled = (order: OrderRecord, now: number): OrderRecord =>
  order.withdrawAsked
    ? move(order, 'withdraw', now)
    : move(order, 'refuse', now, {
        reason: reason(
          'cancelled-at-cmp',
          `Order ${order.cmpOrderNumber ?? order.cmpOrderId} was cancelled at CMP.`,
          order.status === 'scheduled'
            ? 'An immediate change drops what was scheduled. Schedule it again if it is still wanted.'
            : 'Place a new order if it is still wanted.',
        ),
      });

const failed = (order: OrderRecord) =>
  reason(
    'failed-at-cmp',
    `Order ${order.cmpOrderNumber ?? order.cmpOrderId} failed while CMP was carrying it out.`,
    "See the order in CMP's control panel for the cause, then place a new one.",
  );

/** An order that was there is not to be found. It is looked after until somebody decides. */
export const onMissing: Learning<'missing'> = (order, evidence, { now, patience }) => {
  const tries = order.idleSteps + 1;
  if (tries < 5 || order.status === 'needs-attention')
    return wait(order, now, delayOf(patience.retries, order.idleSteps), { reason: evidence.reason });
  return move(order, 'alarm', now, {
    reason: evidence.reason,
    nextStepAt: now + patience.whileAlarmed,
  });
};

/** Too late to withdraw: the order goes on, and whoever asked is told so. */
export const onWithdrawalRefused: Learning<'withdrawal-refused'> = (order, evidence, { now }) => ({
  ...order,
  withdrawAsked: false,
  reason: evidence.reason,
  nextStepAt: now,
});

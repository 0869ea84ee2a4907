import { move, wait } from '../move.ts';
import type { OrderRecord } from '../order-record.ts';
import { reason, type OrderReason } from '../order-reason.ts';
import { delayOf, refusedAfter, resendAfter } from '../patience.ts';
import { accepted, factsOf } from './accepted.ts';
import type { Learning, Moment } from './learning.ts';

/** An order that was settled by hand, or found everything so already, stays settled when an answer comes late. */
export const onFound: Learning<'found'> = (order, evidence, { now, patience }) =>
  order.status === 'settled'
    ? { ...order, ...factsOf(order, evidence.order, now), lateAnswer: null }
    : accepted(order, evidence.order, now, patience);

/**
 * Two complete looks without a trace, the last one later than CMP could possibly need, are taken for absence. A business
 * refusal in words is believed then; anything else is sent again, as often as allowed. After a clear refusal one look
 * that the lists of CMP had time for is enough.
 */
export const onAbsent: Learning<'absent'> = (order, { since }, moment) => {
  const { now, patience, longestSeen } = moment;
  const absentLooks = order.absentLooks + 1;
  const seen = { absentLooks, lastAbsentAt: since };
  if (order.status !== 'unknown') return wait(order, now, patience.whileAlarmed, seen);
  // Switching a setting twice is switching it once: nothing has to be waited for.
  if (order.ask.kind === 'renewal-setting') return concluded({ ...order, ...seen }, moment);
  const clear = order.clearRefusal === true && order.doubtfulRefusal !== null;
  const sent = order.lastSentAt ?? order.askedAt;
  // However late a worker that stood still has sent it: CMP made the order before it answered.
  const conclusiveAt = clear
    ? (order.refusalAt ?? sent) + refusedAfter(patience)
    : sent + resendAfter(patience, longestSeen);
  if (absentLooks < (clear ? 1 : 2) || since < conclusiveAt) {
    const delay = delayOf(patience.looks, absentLooks);
    const left = conclusiveAt - now;
    return wait(order, now, left > 0 ? Math.min(delay, left) : Math.min(delay, 60_000), seen);
  }
  return concluded({ ...order, ...seen }, moment);
};

function concluded(order: OrderRecord, { now }: Moment): OrderRecord {
  if (order.doubtfulRefusal) {
    const words = `CMP refused the order: "${order.doubtfulRefusal}". It is not among CMP's orders.`;
    const { correlationId } = order.reason ?? {};
    const next = 'Act on what CMP says, then place a new order.';
    return move(order, 'refuse', now, { reason: reason('refused-by-cmp', words, next, correlationId) });
  }
  if (order.withdrawAsked) return move(order, 'withdraw', now);
  if (order.attempts < order.attemptsAllowed) return move(order, 'put-back', now, { checkedAt: null });
  return move(order, 'alarm', now, { reason: noTrace(order) });
}

const noTrace = (order: OrderRecord): OrderReason =>
  reason(
    'no-trace',
    `The order was sent ${order.attempts} times without an answer, and CMP does not list it.`,
    `Search CMP's control panel for the purchase order number ${order.marker}. If it is not there, retry the order; if it is, it will be followed by itself.`,
  );

export const onSeveral: Learning<'several'> = (order, { cmpOrderIds }, moment) =>
  raised(order, moment, {
    code: 'several-at-cmp',
    detail: `CMP has several orders with the purchase order number ${order.marker}: ${cmpOrderIds.join(', ')}.`,
    nextStep: 'Cancel all but one of them in the control panel, then resolve this order.',
  });

export const onLookalike: Learning<'lookalike'> = (order, { cmpOrderId, why }, moment) => {
  const { now, patience, longestSeen } = moment;
  const patient = now < (order.lastSentAt ?? now) + resendAfter(patience, longestSeen);
  // While ours may still appear beside it, nobody needs to be bothered.
  if (order.status === 'unknown' && patient)
    return wait(order, now, delayOf(patience.looks, order.idleSteps));
  return raised(order, moment, {
    code: 'lookalike-at-cmp',
    detail: `Order ${cmpOrderId} at CMP may be this one: ${why}.`,
    nextStep: `Look at order ${cmpOrderId} in the control panel. If it is this one, resolve with its id; if not, retry.`,
  });
};

function raised(order: OrderRecord, { now, patience }: Moment, why: OrderReason): OrderRecord {
  if (order.status === 'needs-attention')
    return wait(order, now, patience.whileAlarmed, { reason: why, lateAnswer: null });
  return move(order, 'alarm', now, {
    reason: why,
    lateAnswer: null,
    nextStepAt: now + patience.whileAlarmed,
  });
}

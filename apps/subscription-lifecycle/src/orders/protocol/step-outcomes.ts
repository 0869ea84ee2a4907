/* eslint max-lines: ["error", 600] -- the protocol: everything a step can bring to light, and what it makes of an order */
import { Money } from '@isthmus/domain';

import { statusAfter } from '../order-lifecycle.ts';
import {
  move,
  type OrderParameter,
  type OrderReason,
  type OrderRecord,
  reason,
  type SeenOrder,
  wait,
  type Acceptance,
} from '../order.ts';
import { stopForRemovedConnector } from './order-policy.ts';
import { delayOf, type Patience, refusedAfter, resendAfter } from './retry-policy.ts';

/**
 * What a step brought to light. `since` is the instant before the first reading: a worker may have stood still for hours
 * between looking and telling, and what was seen is as old as the look.
 *
 * Only `not-sent` says that a POST did not reach CMP; silence never does. `clear`: CMP's words say no, in a way that one
 * complete look without a trace is enough to believe.
 */
export type Evidence =
  | {
      saw: 'checks-passed';
      seatsBefore: number | null;
      since: number;
      /** CMP's estimate of the whole order. */
      estimated?: Money | undefined;
      /** With those that CMP asked for. */
      parameters?: OrderParameter[] | undefined;
    }
  | { saw: 'acceptance-needed'; acceptance: Acceptance }
  | { saw: 'already-so'; detail: string }
  | { saw: 'checks-refused'; reason: OrderReason }
  | { saw: 'answered'; order: SeenOrder }
  | { saw: 'carried-out' }
  | { saw: 'refused-by-cmp'; reason: OrderReason }
  | { saw: 'conflict'; reason: OrderReason }
  | { saw: 'not-sent'; reason: OrderReason; retryAfter: number | null }
  | { saw: 'no-answer'; reason: OrderReason; words: string | null; clear?: boolean }
  | { saw: 'found'; order: SeenOrder }
  | { saw: 'absent'; since: number }
  | { saw: 'several'; cmpOrderIds: string[] }
  | { saw: 'lookalike'; cmpOrderId: string; why: string }
  | { saw: 'followed'; order: SeenOrder }
  | { saw: 'missing'; reason: OrderReason }
  | { saw: 'withdrawal-refused'; reason: OrderReason }
  | { saw: 'effect' }
  | { saw: 'no-effect'; difference: string }
  | { saw: 'call-failed'; reason: OrderReason; retryAfter: number | null; paused?: boolean };

export type Seen<Kind extends Evidence['saw']> = Extract<Evidence, { saw: Kind }>;

/** What the moment adds to the evidence. */
export interface Moment {
  now: number;
  patience: Patience;
  /** Longest time between sending an order and its appearing at CMP, of all orders of this connector so far; ms. */
  longestSeen: number;
}

/** The order after one kind of evidence. */
export type Learning<Kind extends Evidence['saw']> = (
  order: OrderRecord,
  evidence: Seen<Kind>,
  moment: Moment,
) => OrderRecord;

/** CMP has the order: it is followed from here, whatever it was before. */
export const accepted = (order: OrderRecord, seen: SeenOrder, now: number, patience: Patience): OrderRecord =>
  move(order, 'accept', now, {
    ...factsOf(order, seen, now),
    acceptedAt: order.acceptedAt ?? now,
    lateAnswer: null,
    nextStepAt: now + delayOf(patience.follows, 0),
  });

/** What is known of an order at CMP after seeing it; what CMP leaves out stays as it was. */
export const factsOf = (order: OrderRecord, seen: SeenOrder, now: number) => ({
  ...(seen.total ? { charged: seen.total } : {}),
  cmpStatusCode: seen.statusCode ?? order.cmpStatusCode ?? null,
  cmpWait: seen.acceptance
    ? ('customer-acceptance' as const)
    : seen.held
      ? ('portal-confirmation' as const)
      : null,
  acceptance: seen.acceptance ? { ...seen.acceptance, since: order.acceptance?.since ?? now } : null,
  cmpOrderId: seen.cmpOrderId,
  cmpOrderNumber: seen.cmpOrderNumber ?? order.cmpOrderNumber,
  cmpStatus: seen.status,
  cmpSubscriptionId: seen.cmpSubscriptionId ?? order.cmpSubscriptionId,
});

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

const decimals = 10;
const scaled = (amount: string): bigint => {
  const [whole = '0', fraction = ''] = amount.replace('-', '').split('.');
  const units = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
  return amount.startsWith('-') ? -units : units;
};
const magnitude = (units: bigint): bigint => (units < 0n ? -units : units);
/** Sums are rounded on both sides. */
const oneCent = 10n ** BigInt(decimals - 2);

/**
 * Why a completed order needs somebody although it did what it should: CMP charges something else than was quoted, or
 * than CMP itself estimated just before. Null when the totals agree within the tolerance, or one of them is not known.
 */
export function totalDifference({
  terms,
  charged,
  ask,
  cmpOrderNumber,
  cmpOrderId,
}: OrderRecord): OrderReason | null {
  if (!terms?.total || !charged || terms.totalFrom === 'estimate' || terms.totalFrom === null) return null;
  const { total, oneDay, tolerancePercent, totalFrom } = terms;
  if (charged.currency === total.currency) {
    const difference = magnitude(scaled(charged.amount) - scaled(total.amount));
    const percent =
      (magnitude(scaled(total.amount)) * BigInt(Math.round(tolerancePercent * 1000))) / 100_000n;
    const day = oneDay?.currency === total.currency ? magnitude(scaled(oneDay.amount)) : 0n;
    if (difference <= percent + day + oneCent) return null;
  }
  const which = cmpOrderNumber ?? cmpOrderId ?? 'of this purchase order number';
  const said = totalFrom === 'quote' ? 'was quoted' : 'was estimated by CMP just before it was sent';
  return reason(
    'total-differs',
    `CMP's order ${which} amounts to ${Money.print(charged)}, but ${Money.print(total)} ${said} (tolerance ${tolerancePercent} %). It has been carried out.`,
    ask.kind === 'cancel'
      ? "Compare the refund in CMP's control panel. Resolve the order as settled if it is right; otherwise ask CMP's support with the order number."
      : "Compare product, term and price in CMP's control panel. Resolve the order as settled if the amount is right; otherwise cancel or reduce within the cancellation window, or ask CMP's support with the order number.",
  );
}

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

const learnings: { [Kind in Evidence['saw']]: Learning<Kind> } = {
  'checks-passed': onChecksPassed,
  'acceptance-needed': onAcceptanceNeeded,
  'already-so': onAlreadySo,
  'checks-refused': onChecksRefused,
  answered: onAnswered,
  'carried-out': onCarriedOut,
  'refused-by-cmp': onRefusedByCmp,
  conflict: onConflict,
  'not-sent': onNotSent,
  'no-answer': onNoAnswer,
  found: onFound,
  absent: onAbsent,
  several: onSeveral,
  lookalike: onLookalike,
  followed: onFollowed,
  missing: onMissing,
  'withdrawal-refused': onWithdrawalRefused,
  effect: onEffect,
  'no-effect': onNoEffect,
  'call-failed': onCallFailed,
};

/** What an order is after a step brought something to light. Pure; throws IllegalOrderAction for what cannot be. */
export const learn = <Kind extends Evidence['saw']>(
  order: OrderRecord,
  evidence: Extract<Evidence, { saw: Kind }>,
  moment: Moment,
): OrderRecord => (learnings[evidence.saw] as Learning<Kind>)(order, evidence as never, moment);

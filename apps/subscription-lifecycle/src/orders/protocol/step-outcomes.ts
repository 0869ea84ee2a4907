/* eslint max-lines: ["error", 600] -- the protocol: everything a step can bring to light, and what it makes of an order */
import { Decimal, Money, quoted } from '@isthmus/domain';
import { statusAfter } from '../order-lifecycle.ts';
import {
  type Acceptance,
  type ObservedOrder,
  type OrderParameter,
  type OrderReason,
  type OrderRecord,
  postpone,
  reason,
  startedAt,
  transition,
} from '../order.ts';
import { stopForRemovedConnector } from './order-policy.ts';
import { delayAfter, refusedAfter, resendAfter, type RetryPolicy } from './retry-policy.ts';

/**
 * The outcome of a step. `since` is the time before the first read: a worker may have stalled for hours between reading and
 * reporting, and its observation is as old as the read.
 * Only `not-sent` means that a POST did not reach CMP; the lack of a response never does. `clear`: CMP's message is an
 * unambiguous rejection, for which one complete search without a result is sufficient.
 */
export type StepOutcome =
  | {
      observed: 'checks-passed';
      seatsBefore: number | null;
      since: number;
      /** CMP's estimate of the whole order. */
      estimated?: Money | undefined;
      /** Includes those that CMP required. */
      parameters?: OrderParameter[] | undefined;
    }
  | { observed: 'acceptance-needed'; acceptance: Acceptance }
  | { observed: 'already-so'; detail: string }
  | { observed: 'checks-refused'; reason: OrderReason }
  | { observed: 'answered'; order: ObservedOrder }
  | { observed: 'carried-out' }
  | { observed: 'refused-by-cmp'; reason: OrderReason }
  | { observed: 'conflict'; reason: OrderReason }
  | { observed: 'not-sent'; reason: OrderReason; retryAfter: number | null }
  | { observed: 'no-answer'; reason: OrderReason; words: string | null; clear?: boolean }
  | { observed: 'found'; order: ObservedOrder }
  | { observed: 'absent'; since: number }
  | { observed: 'several'; cmpOrderIds: string[] }
  | { observed: 'lookalike'; cmpOrderId: string; why: string }
  | { observed: 'followed'; order: ObservedOrder }
  | { observed: 'missing'; reason: OrderReason }
  | { observed: 'withdrawal-refused'; reason: OrderReason }
  | { observed: 'effect' }
  | { observed: 'no-effect'; difference: string }
  | { observed: 'call-failed'; reason: OrderReason; retryAfter: number | null; paused?: boolean };

type Observed<Kind extends StepOutcome['observed']> = Extract<StepOutcome, { observed: Kind }>;

/** Further inputs of the next state. */
interface Moment {
  now: number;
  retryPolicy: RetryPolicy;
  /** Longest time between sending an order and its appearing at CMP, of all orders of this connector so far; ms. */
  longestSeen: number;
}

/** The order after the outcome of a step. Pure; throws IllegalOrderAction for an impossible one. */
export function applyOutcome<Kind extends StepOutcome['observed']>(
  order: OrderRecord,
  outcome: Extract<StepOutcome, { observed: Kind }>,
  moment: Moment,
): OrderRecord {
  return (handlers[outcome.observed] as OutcomeHandler<Kind>)(order, outcome as never, moment);
}

/** The order after one kind of outcome. */
type OutcomeHandler<Kind extends StepOutcome['observed']> = (
  order: OrderRecord,
  outcome: Observed<Kind>,
  moment: Moment,
) => OrderRecord;

/** CMP has the order: it is tracked from here, whatever its status was before. */
const accepted = (
  order: OrderRecord,
  seen: ObservedOrder,
  now: number,
  retryPolicy: RetryPolicy,
): OrderRecord =>
  transition(order, 'accept', now, {
    ...observedFields(order, seen, now),
    acceptedAt: order.acceptedAt ?? now,
    lateAnswer: null,
    nextStepAt: now + delayAfter(retryPolicy.pollDelays, 0),
  });

/** The known state of an order at CMP after reading it; what CMP leaves out is not changed. */
const observedFields = (order: OrderRecord, seen: ObservedOrder, now: number) => ({
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

/** Sending is the next step, immediately: check results become stale. */
const onChecksPassed: OutcomeHandler<'checks-passed'> = (
  order,
  { seatsBefore, since, estimated, parameters },
  { now },
) => ({
  ...order,
  ...(parameters && order.spec.kind === 'create' ? { spec: { ...order.spec, parameters } } : {}),
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

/** CMP accepts the order only after the customer has accepted something: it is checked again until then, but not forever. */
const onAcceptanceNeeded: OutcomeHandler<'acceptance-needed'> = (
  order,
  { acceptance },
  { now, retryPolicy },
) => {
  const since = order.acceptance?.since ?? now;
  const waiting = {
    cmpWait: 'customer-acceptance' as const,
    acceptance: { ...acceptance, since },
    checkedAt: null,
    reason: null,
  };
  if (now - since < retryPolicy.confirmWithin)
    return postpone(order, now, delayAfter(retryPolicy.pollDelays, order.idleSteps), waiting);
  const next = { ...order, ...waiting };
  return transition(next, 'escalate', now, { reason: notAccepted(next, retryPolicy) });
};

/** After an earlier POST the effect may be that order's own, which then has to be found; otherwise there is nothing to do. */
const onAlreadySo: OutcomeHandler<'already-so'> = (order, { detail }, { now }) =>
  transition(order, 'settle', now, {
    reason: reason('already-so', detail, 'Nothing: no order was placed for it.'),
  });

const onChecksRefused: OutcomeHandler<'checks-refused'> = (order, outcome, { now }) =>
  transition(order, 'refuse', now, { reason: outcome.reason });

const onAnswered: OutcomeHandler<'answered'> = (order, outcome, { now, retryPolicy }) =>
  accepted(order, outcome.order, now, retryPolicy);

/** A setting was changed without an order; only reading it again proves it. */
const onCarriedOut: OutcomeHandler<'carried-out'> = (order, _, { now }) =>
  transition(transition(order, 'accept', now), 'complete', now, { acceptedAt: now, completedAt: now });

const onRefusedByCmp: OutcomeHandler<'refused-by-cmp'> = (order, outcome, { now }) =>
  transition(order, 'refuse', now, { reason: outcome.reason });

/**
 * Another order of the subscription is in progress at CMP. On a first attempt it is someone else's, and ours waits for its
 * turn; on a second one it may be our own first one, which arrived late and has to be searched for.
 */
const onConflict: OutcomeHandler<'conflict'> = (order, outcome, moment) => {
  const { now, retryPolicy } = moment;
  if (order.attempts > 1)
    return transition(order, 'lose-track', now, {
      absentLooks: 0,
      lastAbsentAt: null,
      reason: outcome.reason,
    });
  return putBack(order, outcome.reason, 5 * 60_000, now, retryPolicy.retriesBeforeEscalation);
};

/** The order did not reach CMP, so sending it again cannot duplicate it. */
const onNotSent: OutcomeHandler<'not-sent'> = (order, outcome, { now, retryPolicy }) => {
  const delay = Math.max(outcome.retryAfter ?? 0, delayAfter(retryPolicy.retries, order.idleSteps));
  return putBack(order, outcome.reason, delay, now, retryPolicy.retriesBeforeEscalation);
};

const onNoAnswer: OutcomeHandler<'no-answer'> = (order, outcome, { now, retryPolicy }) =>
  transition(order, 'lose-track', now, {
    reason: outcome.reason,
    doubtfulRefusal: outcome.words,
    clearRefusal: outcome.clear ?? false,
    refusalAt: outcome.words === null ? null : now,
    absentLooks: 0,
    lastAbsentAt: null,
    nextStepAt: now + delayAfter(retryPolicy.searchDelays, 0),
  });

function putBack(
  order: Parameters<typeof transition>[0],
  why: ReturnType<typeof reason>,
  delay: number,
  now: number,
  retries: number,
): ReturnType<typeof transition> {
  const idleSteps = order.idleSteps + 1;
  // The attempt that did not reach CMP does not count, unless an earlier one may have.
  const attempts = Math.max(0, order.attempts - 1);
  const back = transition(order, 'put-back', now, {
    attempts,
    lastSentAt: attempts === 0 ? null : order.lastSentAt,
    firstSentAt: attempts === 0 ? null : order.firstSentAt,
    checkedAt: null,
    idleSteps,
    reason: why,
    nextStepAt: now + delay,
  });
  return idleSteps < retries ? back : transition(back, 'escalate', now, { reason: why, idleSteps: 0 });
}

/** An order that a person settled, or whose effect already existed, stays settled when a late response arrives. */
const onFound: OutcomeHandler<'found'> = (order, outcome, { now, retryPolicy }) =>
  order.status === 'settled'
    ? { ...order, ...observedFields(order, outcome.order, now), lateAnswer: null }
    : accepted(order, outcome.order, now, retryPolicy);

/**
 * Two complete searches without a trace, the second one later than CMP could possibly need, prove absence. A refusal with a
 * business message then counts; anything else is sent again, as often as allowed. After a clear refusal, one search is
 * enough if CMP's lists had time to catch up.
 */
const onAbsent: OutcomeHandler<'absent'> = (order, { since }, moment) => {
  const { now, retryPolicy, longestSeen } = moment;
  const absentLooks = order.absentLooks + 1;
  const seen = { absentLooks, lastAbsentAt: since };
  if (order.status !== 'unknown') return postpone(order, now, retryPolicy.attentionInterval, seen);
  // Switching a setting twice is switching it once: nothing has to be waited for.
  if (order.spec.kind === 'renewal-setting') return concluded({ ...order, ...seen }, moment);
  const clear = order.clearRefusal === true && order.doubtfulRefusal !== null;
  const sent = order.lastSentAt ?? order.requestedAt;
  // However late a stalled worker sent it: CMP created the order before it responded.
  const conclusiveAt = clear
    ? (order.refusalAt ?? sent) + refusedAfter(retryPolicy)
    : sent + resendAfter(retryPolicy, longestSeen);
  if (absentLooks < (clear ? 1 : 2) || since < conclusiveAt) {
    const delay = delayAfter(retryPolicy.searchDelays, absentLooks);
    const left = conclusiveAt - now;
    return postpone(order, now, left > 0 ? Math.min(delay, left) : Math.min(delay, 60_000), seen);
  }
  return concluded({ ...order, ...seen }, moment);
};

function concluded(order: OrderRecord, { now }: Moment): OrderRecord {
  if (order.doubtfulRefusal) {
    const words = `CMP rejected the order: ${quoted(order.doubtfulRefusal)}. It does not exist at CMP.`;
    const { correlationId } = order.reason ?? {};
    const next = "Follow CMP's message, then place a new order.";
    return transition(order, 'refuse', now, { reason: reason('refused-by-cmp', words, next, correlationId) });
  }
  if (order.withdrawRequested) return transition(order, 'withdraw', now);
  if (order.attempts < order.attemptsAllowed) return transition(order, 'put-back', now, { checkedAt: null });
  return transition(order, 'escalate', now, { reason: noTrace(order) });
}

const noTrace = (order: OrderRecord): OrderReason =>
  reason(
    'no-trace',
    `The order was sent ${order.attempts} times without a response, and CMP does not list it.`,
    `Search CMP's control panel for the purchase order number ${order.marker}. If it is not there, retry the order; if it is, it will be followed automatically.`,
  );

const onSeveral: OutcomeHandler<'several'> = (order, { cmpOrderIds }, moment) =>
  escalatedFor(order, moment, {
    code: 'several-at-cmp',
    detail: `CMP has several orders with the purchase order number ${order.marker}: ${cmpOrderIds.join(', ')}.`,
    nextStep: 'Cancel all but one of them in the control panel, then resolve this order.',
  });

const onLookalike: OutcomeHandler<'lookalike'> = (order, { cmpOrderId, why }, moment) => {
  const { now, retryPolicy, longestSeen } = moment;
  const patient = now < (order.lastSentAt ?? now) + resendAfter(retryPolicy, longestSeen);
  // While our order may still appear next to this one, no user is needed.
  if (order.status === 'unknown' && patient)
    return postpone(order, now, delayAfter(retryPolicy.searchDelays, order.idleSteps));
  return escalatedFor(order, moment, {
    code: 'lookalike-at-cmp',
    detail: `Order ${cmpOrderId} at CMP may be this one: ${why}.`,
    nextStep: `Check order ${cmpOrderId} in the control panel. If it is this one, resolve with its id; if not, retry.`,
  });
};

function escalatedFor(order: OrderRecord, { now, retryPolicy }: Moment, why: OrderReason): OrderRecord {
  if (order.status === 'needs-attention')
    return postpone(order, now, retryPolicy.attentionInterval, { reason: why, lateAnswer: null });
  return transition(order, 'escalate', now, {
    reason: why,
    lateAnswer: null,
    nextStepAt: now + retryPolicy.attentionInterval,
  });
}

const onFollowed: OutcomeHandler<'followed'> = (before, outcome, moment) => {
  const { now } = moment;
  const seen = outcome.order;
  const order = { ...before, ...observedFields(before, seen, now) };
  if (seen.status === 'completed') return transition(order, 'complete', now, { completedAt: now });
  if (seen.status === 'cancelled') return cancelled(order, now);
  // Some instances of CMP show an order on hold as an error; a user may still confirm it.
  if (seen.status === 'error' && !seen.held)
    return transition(order, 'refuse', now, { reason: failed(order) });
  const parked = order.spec.kind === 'change-quantity' && order.spec.when === 'renewal';
  if (parked && seen.status === 'processing' && statusAfter(order.status, 'schedule'))
    return transition(order, 'schedule', now, { nextStepAt: now + moment.retryPolicy.attentionInterval });
  return still(order, moment);
};

/** Still in progress: read often at first, less often later, and escalated if it takes days. It is never abandoned. */
function still(order: OrderRecord, { now, retryPolicy }: Moment): OrderRecord {
  if (order.status !== 'accepted') return postpone(order, now, retryPolicy.attentionInterval);
  if (now - (order.acceptedAt ?? now) < retryPolicy.confirmWithin)
    return postpone(order, now, delayAfter(retryPolicy.pollDelays, order.idleSteps));
  return transition(order, 'escalate', now, {
    reason: order.acceptance ? notAccepted(order, retryPolicy) : notFinished(order, retryPolicy),
    nextStepAt: now + retryPolicy.attentionInterval,
  });
}

const wholeDays = (ms: number): number => Math.round(ms / 86_400_000);

const notFinished = (order: OrderRecord, { confirmWithin }: Moment['retryPolicy']) =>
  reason(
    'not-finished-by-cmp',
    `CMP has left order ${order.cmpOrderNumber ?? order.cmpOrderId} in ${order.cmpStatus} for ${wholeDays(confirmWithin)} days.`,
    "Confirm or cancel it in CMP's control panel; it is still followed.",
  );

/** Used both before and after CMP has accepted the order. */
const notAccepted = ({ acceptance, cmpOrderId }: OrderRecord, { confirmWithin }: Moment['retryPolicy']) =>
  reason(
    'not-accepted-by-customer',
    `The customer has not accepted ${acceptance?.link ?? "the terms shown in CMP's control panel"} within ${wholeDays(confirmWithin)} days.`,
    cmpOrderId === null
      ? 'Have the customer accept it, then retry the order.'
      : "Have the customer accept it, or cancel the order in CMP's control panel; it is still followed.",
  );

const cancelled = (order: OrderRecord, now: number): OrderRecord =>
  order.withdrawRequested
    ? transition(order, 'withdraw', now)
    : transition(order, 'refuse', now, {
        reason: reason(
          'cancelled-at-cmp',
          `Order ${order.cmpOrderNumber ?? order.cmpOrderId} was cancelled at CMP.`,
          order.status === 'scheduled'
            ? 'An immediate change drops scheduled ones. Schedule it again if it is still needed.'
            : 'Place a new order if it is still needed.',
        ),
      });

const failed = (order: OrderRecord) =>
  reason(
    'failed-at-cmp',
    `Order ${order.cmpOrderNumber ?? order.cmpOrderId} failed while CMP was processing it.`,
    "See the order in CMP's control panel for the cause, then place a new one.",
  );

/** An order that was there cannot be found. It is followed until a person decides. */
const onMissing: OutcomeHandler<'missing'> = (order, outcome, { now, retryPolicy }) => {
  const tries = order.idleSteps + 1;
  if (tries < 5 || order.status === 'needs-attention')
    return postpone(order, now, delayAfter(retryPolicy.retries, order.idleSteps), {
      reason: outcome.reason,
    });
  return transition(order, 'escalate', now, {
    reason: outcome.reason,
    nextStepAt: now + retryPolicy.attentionInterval,
  });
};

/** Too late to withdraw: the order continues, with the reason. */
const onWithdrawalRefused: OutcomeHandler<'withdrawal-refused'> = (order, outcome, { now }) => ({
  ...order,
  withdrawRequested: false,
  reason: outcome.reason,
  nextStepAt: now,
});

/** The effect is confirmed; the cost also has to match the quote, otherwise a person decides. */
const onEffect: OutcomeHandler<'effect'> = (order, _, { now, retryPolicy }) => {
  const why = totalDifference(order);
  if (!why) return transition(order, 'settle', now);
  const escalated = { reason: why, nextStepAt: now + retryPolicy.attentionInterval };
  return order.status === 'needs-attention'
    ? postpone(order, now, retryPolicy.attentionInterval, { reason: why })
    : transition(order, 'escalate', now, escalated);
};

/** CMP needs a moment; after that, an order completed without effect needs a person and is still checked. */
const onNoEffect: OutcomeHandler<'no-effect'> = (order, { difference }, { now, retryPolicy }) => {
  const again = { idleSteps: order.idleSteps + 1 };
  if (order.status !== 'proving') return postpone(order, now, retryPolicy.attentionInterval, again);
  if (again.idleSteps < retryPolicy.rereadsBeforeDisproof)
    return postpone(order, now, delayAfter(retryPolicy.rereadDelays, again.idleSteps), again);
  return transition(order, 'disprove', now, {
    reason: reason(
      'no-effect',
      `CMP reports that order ${order.cmpOrderNumber ?? order.cmpOrderId ?? order.id} is completed, but ${difference}.`,
      "Compare order and subscription in CMP's control panel; ask CMP's support with the order number.",
    ),
    nextStepAt: now + retryPolicy.attentionInterval,
  });
};

/**
 * The reason why a completed order needs attention although it had its effect: CMP charges a different amount than was quoted, or
 * than CMP itself estimated just before. Null if the totals agree within the tolerance, or if one of them is unknown.
 */
export function totalDifference({
  terms,
  charged,
  spec,
  cmpOrderNumber,
  cmpOrderId,
}: OrderRecord): OrderReason | null {
  if (!terms?.total || !charged || terms.totalFrom === 'estimate' || terms.totalFrom === null) return null;
  const { total, oneDay, tolerancePercent, totalFrom } = terms;
  if (charged.currency === total.currency) {
    const day = oneDay?.currency === total.currency ? oneDay.amount : '0';
    // A cent more, as sums are rounded on both sides. Multiplied by a hundred thousand, so that nothing is divided.
    const allowed = Decimal.sum([
      Decimal.times(Decimal.magnitude(total.amount), Math.round(tolerancePercent * 1000)),
      Decimal.times(Decimal.magnitude(day), 100_000),
      '1000',
    ]);
    const difference = Decimal.times(Decimal.difference(charged.amount, total.amount), 100_000);
    if (Decimal.compare(difference, allowed) <= 0) return null;
  }
  const which = cmpOrderNumber ?? cmpOrderId ?? 'of this purchase order number';
  const said = totalFrom === 'quote' ? 'was quoted' : 'was estimated by CMP just before it was sent';
  return reason(
    'total-differs',
    `CMP's order ${which} amounts to ${Money.print(charged)}, but ${Money.print(total)} ${said} (tolerance ${tolerancePercent} %). It has been carried out.`,
    spec.kind === 'cancel'
      ? "Compare the refund in CMP's control panel. Resolve the order as settled if it is right; otherwise ask CMP's support with the order number."
      : "Compare product, term and price in CMP's control panel. Resolve the order as settled if the amount is right; otherwise cancel or reduce within the cancellation window, or ask CMP's support with the order number.",
  );
}

/**
 * A call failed, which says nothing about the order: the same step is repeated later, and escalated if this continues for
 * too long.
 */
const onCallFailed: OutcomeHandler<'call-failed'> = (order, outcome, moment) => {
  const { now, retryPolicy } = moment;
  const delay = Math.max(outcome.retryAfter ?? 0, delayAfter(retryPolicy.retries, order.idleSteps));
  // An escalated order stays escalated for its own reason.
  const raised = order.status === 'needs-attention' || order.status === 'completed-not-effective';
  if (outcome.reason.code === 'connector-removed')
    return raised ? postpone(order, now, retryPolicy.attentionInterval) : stopForRemovedConnector(order, now);
  if (raised || order.status === 'scheduled') return postpone(order, now, delay);
  // Nothing was tried, because the connector is paused; that is not a call that keeps failing.
  const pausedTooLong = outcome.paused === true && now - startedAt(order) >= retryPolicy.confirmWithin;
  if (outcome.paused && !pausedTooLong)
    return postpone(order, now, delayAfter(retryPolicy.retries, retryPolicy.retries.length), {
      idleSteps: order.idleSteps,
      reason: outcome.reason,
    });
  if (!pausedTooLong && !tooLong(order, moment))
    return postpone(order, now, delay, { reason: outcome.reason });
  return transition(order, 'escalate', now, {
    reason: unreadable(order, outcome.reason),
    nextStepAt: now + retryPolicy.attentionInterval,
  });
};

function tooLong(order: OrderRecord, { now, retryPolicy }: Moment): boolean {
  if (order.status === 'planned') return order.idleSteps + 1 >= retryPolicy.retriesBeforeEscalation;
  const since = order.completedAt ?? order.acceptedAt ?? order.lastSentAt ?? startedAt(order);
  return now - since >= (order.status === 'accepted' ? retryPolicy.confirmWithin : retryPolicy.readWithin);
}

const unreadable = ({ status, marker }: OrderRecord, why: OrderReason): OrderReason => ({
  ...why,
  detail: `The outcome of the order cannot be read from CMP: ${why.detail}`,
  nextStep:
    status === 'planned'
      ? 'Fix the problem that prevents CMP from responding, then retry the order.'
      : `Search CMP's control panel for the purchase order number ${marker}, then resolve or retry the order.`,
});

const handlers: { [Kind in StepOutcome['observed']]: OutcomeHandler<Kind> } = {
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

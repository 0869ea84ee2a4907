import { IllegalOrderAction, isFinal, type OrderStatus, statusAfter } from '../order-lifecycle.ts';
import { type OrderReason, type OrderRecord, reason, transition } from '../order.ts';
import { defaultRetryPolicy, delayAfter, type RetryPolicy } from './retry-policy.ts';

/** The next step of an order. */
export type Step =
  | 'none'
  | 'expire'
  | 'check'
  | 'send'
  | 'recover'
  | 'apply-late-response'
  | 'reverify'
  | 'reconcile'
  | 'withdraw-here'
  | 'withdraw-at-cmp'
  | 'follow'
  | 'reread';

/**
 * The next step of a due order, derived only from what is stored. A worker that takes over an order in `sending` cannot know
 * how far its predecessor got, so the order is never sent again without having been searched for.
 */
export function nextStep(order: OrderRecord, now: number, retryPolicy: RetryPolicy): Step {
  if (order.lateAnswer && order.status !== 'sending') return 'apply-late-response';
  if (isFinal(order.status)) return 'none';
  switch (order.status) {
    case 'planned':
      return planned(order, now, retryPolicy);
    case 'awaiting-approval':
      return order.approval && now < order.approval.expiresAt ? 'none' : 'expire';
    case 'sending':
      return 'recover';
    case 'unknown':
      return 'reconcile';
    case 'accepted':
    case 'scheduled':
      return order.withdrawRequested ? 'withdraw-at-cmp' : 'follow';
    case 'proving':
    case 'completed-not-effective':
      return 'reread';
    default:
      return stepWhileEscalated(order);
  }
}

function planned(order: OrderRecord, now: number, { checksStayFresh }: RetryPolicy): Step {
  const fresh = (at: number | null) => at !== null && now - at < checksStayFresh;
  // A worker may have stalled since the last search: an order that was absent then may exist now.
  if (order.attempts > 0 && !fresh(order.lastAbsentAt)) return 'reverify';
  if (order.withdrawRequested) return 'withdraw-here';
  return fresh(order.checkedAt) ? 'send' : 'check';
}

/** Causes that no further reading can resolve. */
const decidedByPeople = new Set(['several-at-cmp', 'total-differs']);

/** A user decides about it; meanwhile it is still tracked, and may settle without a decision. */
function stepWhileEscalated(order: OrderRecord): Step {
  if (order.reason && decidedByPeople.has(order.reason.code)) return 'none';
  if (order.completedAt !== null) return 'reread';
  if (order.cmpOrderId) return order.withdrawRequested ? 'withdraw-at-cmp' : 'follow';
  return order.attempts > 0 ? 'reconcile' : 'none';
}

/** The order as it must be stored before its POST leaves us: from here on it may be at CMP. */
export const beginSending = (order: OrderRecord, now: number): OrderRecord =>
  transition(order, 'send', now, {
    attempts: order.attempts + 1,
    firstSentAt: order.firstSentAt ?? now,
    lastSentAt: now,
    absentLooks: 0,
    lastAbsentAt: null,
    // A rejection of an earlier attempt is no evidence about this one.
    doubtfulRefusal: null,
    clearRefusal: false,
    refusalAt: null,
    idleSteps: order.idleSteps,
  });

/** An order that another worker was sending: it is unknown how far that worker got. */
export const takeOver = (order: OrderRecord, now: number): OrderRecord =>
  transition(order, 'lose-track', now);

/** A user's decision about an order that needs attention, after checking CMP's control panel. */
export type Decision =
  | { resolve: 'settled' | 'refused'; because: string }
  | { resolve: 'found'; cmpOrderId: string; because: string };

const actions = { settled: 'settle', refused: 'refuse', found: 'accept' } as const;

/**
 * Applies a user's decision.
 * @throws IllegalOrderAction if it does not need attention
 */
export function resolve(order: OrderRecord, decision: Decision, by: string, now: number): OrderRecord {
  const action = actions[decision.resolve];
  if (order.status !== 'needs-attention' && order.status !== 'completed-not-effective')
    throw new IllegalOrderAction(order.id, order.status, action);
  const why = reason(
    'resolved-by-hand',
    `${by}: ${decision.because}`,
    'Nothing: it has been resolved manually.',
  );
  if (decision.resolve !== 'found') return transition(order, action, now, { reason: why });
  const { cmpOrderId } = decision;
  return transition(order, action, now, { cmpOrderId, acceptedAt: order.acceptedAt ?? now, reason: why });
}

/**
 * Allows one more attempt. It starts with another search for the order, so that a user's mistake does not duplicate it.
 * @throws IllegalOrderAction if it does not need attention
 */
export const retry = (order: OrderRecord, now: number): OrderRecord =>
  transition(order, 'retry', now, {
    attemptsAllowed: order.attempts + 1,
    checkedAt: null,
    lastAbsentAt: null,
    absentLooks: 0,
  });

/** True if nothing of the order can be at CMP. */
const wasNeverSent = ({ status, attempts }: OrderRecord): boolean =>
  (status === 'planned' && attempts === 0) || status === 'awaiting-approval';

/** Takes effect immediately if nothing was sent; otherwise as soon as it is known whether and how CMP has the order. */
export function requestWithdrawal(order: OrderRecord, now: number): OrderRecord {
  if (wasNeverSent(order)) return transition(order, 'withdraw', now);
  if (isFinal(order.status)) return order;
  return { ...order, withdrawRequested: true, nextStepAt: Math.min(order.nextStepAt, now) };
}

const atRest: readonly OrderStatus[] = ['settled', 'refused', 'withdrawn', 'completed-not-effective'];

/**
 * Escalates an order for an external reason. If it may be at CMP, it is still searched for and tracked there automatically, and
 * never sent again without a user's retry; if it was not sent, no further steps are taken. An order that has ended or has already
 * been escalated is not changed.
 */
function escalate(order: OrderRecord, why: OrderReason, now: number): OrderRecord {
  // The worker that is sending it may get arbitrarily far; CMP's response is stored as a late response.
  const known = order.status === 'sending' ? transition(order, 'lose-track', now) : order;
  if (atRest.includes(known.status) || !statusAfter(known.status, 'escalate')) return order;
  return transition(known, 'escalate', now, {
    reason: why,
    nextStepAt: now + delayAfter(defaultRetryPolicy.searchDelays, 0),
  });
}

/** An order of a subscription that now belongs to another customer. A change that CMP holds for its renewal is withdrawn. */
export function stopForTransfer(
  order: OrderRecord,
  { from, to }: { from: string; to: string },
  now: number,
): OrderRecord {
  const moved = `CMP lists subscription ${order.cmpSubscriptionId} under account ${to} now; the order is for account ${from}.`;
  if (order.status === 'awaiting-approval')
    return transition(order, 'refuse', now, {
      reason: reason('subscription-transferred', moved, 'Place a new order if the new customer needs it.'),
    });
  const stopped = escalate(order, reason('subscription-transferred', moved, nextStepFor(order)), now);
  const kept = order.spec.kind === 'change-quantity' && order.spec.when === 'renewal' && order.attempts > 0;
  return kept && stopped !== order ? { ...stopped, withdrawRequested: true } : stopped;
}

/** An order whose connector was removed: refused if nothing can be at CMP, otherwise escalated. */
export function stopForRemovedConnector(order: OrderRecord, now: number): OrderRecord {
  if (wasNeverSent(order))
    return transition(order, 'refuse', now, {
      reason: reason(
        'connector-removed',
        'The connector was removed before the order was sent.',
        'Create the connector again, then place a new order.',
      ),
    });
  const detail = 'The connector was removed while the order was at CMP, or may have been.';
  return escalate(order, reason('connector-removed', detail, nextStepFor(order)), now);
}

const nextStepFor = ({ attempts, marker, cmpOrderNumber }: OrderRecord): string =>
  attempts === 0
    ? 'Nothing was sent. Resolve it as refused, and place a new order if it is still needed.'
    : `Search CMP's control panel for ${cmpOrderNumber ? `order ${cmpOrderNumber}` : `the purchase order number ${marker}`}, then resolve this order.`;

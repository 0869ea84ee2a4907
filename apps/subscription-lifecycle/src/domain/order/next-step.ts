import { isFinal } from './order-lifecycle.ts';
import type { OrderRecord } from './order-record.ts';
import type { Patience } from './patience.ts';

/** What to do about an order now. */
export type Step =
  | 'rest'
  | 'check'
  | 'send'
  | 'take-over'
  | 'adopt-late-answer'
  | 'doubt-again'
  | 'look'
  | 'withdraw-here'
  | 'withdraw-at-cmp'
  | 'follow'
  | 'reread';

/**
 * The next step of an order whose time has come, from nothing but what is stored. Whoever takes an order over in
 * `sending` cannot know how far the one before came, so that it is never sent again without having been looked for.
 */
export function nextStep(order: OrderRecord, now: number, patience: Patience): Step {
  if (order.lateAnswer && order.status !== 'sending') return 'adopt-late-answer';
  if (isFinal(order.status)) return 'rest';
  switch (order.status) {
    case 'planned':
      return planned(order, now, patience);
    case 'sending':
      return 'take-over';
    case 'unknown':
      return 'look';
    case 'accepted':
    case 'scheduled':
      return order.withdrawAsked ? 'withdraw-at-cmp' : 'follow';
    case 'proving':
    case 'completed-not-effective':
      return 'reread';
    default:
      return alarmed(order);
  }
}

function planned(order: OrderRecord, now: number, { checksStayFresh }: Patience): Step {
  const fresh = (at: number | null) => at !== null && now - at < checksStayFresh;
  // A worker may have stood still since the last look: what was absent then may be there now.
  if (order.attempts > 0 && !fresh(order.lastAbsentAt)) return 'doubt-again';
  if (order.withdrawAsked) return 'withdraw-here';
  return fresh(order.checkedAt) ? 'send' : 'check';
}

/** Nothing that could still be read would settle these. */
const decidedByPeople = new Set(['several-at-cmp', 'total-differs']);

/** Whoever it was raised to decides; meanwhile the facts are kept up with, and may settle it unaided. */
function alarmed(order: OrderRecord): Step {
  if (order.reason && decidedByPeople.has(order.reason.code)) return 'rest';
  if (order.completedAt !== null) return 'reread';
  if (order.cmpOrderId) return order.withdrawAsked ? 'withdraw-at-cmp' : 'follow';
  return order.attempts > 0 ? 'look' : 'rest';
}

import type { OrderRecord } from '../order/order-record.ts';
import type { OrderStatus } from '../order/order-lifecycle.ts';
import { scheduledAfter, type ScheduledAction, type ScheduledStatus } from './schedule-lifecycle.ts';

type Standing = Pick<OrderRecord, 'ask' | 'status' | 'reason'>;

/** CMP had kept the order for the renewal and does not any more, without our having asked for that. */
export const wipedAtCmp = ({ ask, status, reason }: Standing): boolean =>
  ask.kind === 'change-quantity' &&
  ask.when === 'renewal' &&
  status === 'refused' &&
  reason?.code === 'cancelled-at-cmp';

/**
 * Whether the order, settled, has dropped what was scheduled. Source: Microsoft Learn, "Create scheduled changes": an
 * immediate change of a subscription deletes all its scheduled ones. One that found everything so already changed nothing.
 */
export const dropsScheduled = (order: Standing): boolean =>
  order.status === 'settled' && order.reason?.code !== 'already-so' && changesAtOnce(order);

/** Whether the order, carried out, drops what is scheduled for the renewal. */
export const changesAtOnce = ({ ask }: Pick<Standing, 'ask'>): boolean =>
  ask.kind === 'cancel' || (ask.kind === 'change-quantity' && ask.when === 'now');

const meanings: Partial<Record<OrderStatus, ScheduledAction>> = {
  accepted: 'reopen',
  settled: 'finish',
  refused: 'fail',
  withdrawn: 'cancel',
};

/**
 * What a step of its order makes of a scheduled change; nothing when it stays as it is. An order goes its own way: what
 * it comes to after the scheduled change was wiped or is done is of no more interest to that.
 */
export function actionAfter(
  status: ScheduledStatus,
  before: Standing,
  after: Standing,
): ScheduledAction | null {
  if (before.status === after.status) return null;
  const action = wipedAtCmp(after) ? 'wipe' : meanings[after.status];
  return action && scheduledAfter(status, action) ? action : null;
}

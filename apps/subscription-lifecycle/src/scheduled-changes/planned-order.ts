import { OrderRefused } from '../orders/order.errors.ts';
import type { OrderSpec } from '../orders/order.ts';
import { specForChange } from '../orders/resolving/order-command.ts';
import type { ChangeRules } from '../subscriptions/rules/options.ts';
import type { SubscriptionRow } from '../subscriptions/subscription.ts';
import { orderFieldsFor, type PlannedChange } from './scheduled-change.ts';

/**
 * The order that carries out a scheduled change, in the form in which it would be sent to CMP at `now`.
 * @throws OrderRefused if the current state of the subscription does not allow it
 */
export const specForScheduled = (
  change: PlannedChange,
  row: SubscriptionRow,
  now: number,
  rules: ChangeRules,
): OrderSpec =>
  specForChange({ ...orderFieldsFor(change), subscriptionId: row.id }, row, now, 'order', rules);

/** Why the change would be refused when it is due, if nothing else happened until then; null if it would not be. */
export function previewRefusal(
  change: PlannedChange,
  row: SubscriptionRow,
  now: number,
  rules: ChangeRules,
): OrderRefused | null {
  try {
    specForScheduled(change, row, change.at === 'renewal' ? now : Math.max(change.at, now), rules);
    return null;
  } catch (error) {
    if (error instanceof OrderRefused) return error;
    throw error;
  }
}

/** These may no longer apply when it is due: seats are added, terms begin again. */
const passing = new Set(['order.decrease-outside-window', 'order.cancellation-window-closed']);

/**
 * Refuses what cannot be ordered however long one waits.
 * @throws OrderRefused
 */
export function requireOrderable(
  change: PlannedChange,
  row: SubscriptionRow,
  now: number,
  rules: ChangeRules,
): void {
  const refusal = previewRefusal(change, row, now, rules);
  if (refusal && !passing.has(refusal.code)) throw refusal;
}

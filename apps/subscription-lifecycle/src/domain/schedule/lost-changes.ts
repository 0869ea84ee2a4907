import { OrderRefused } from '../order-refused.error.ts';
import { NotSchedulable } from './scheduled-change.errors.ts';
import { reason, type OrderReason } from '../order/order-reason.ts';

/** A change of seats for the renewal, at CMP or on its way there, that an immediate change would drop. */
export interface LostChange {
  /** Ours; null when it was ordered without one. */
  scheduledChangeId: string | null;
  /** Null while it is only planned. */
  orderId: string | null;
  mpn: string | null;
  /** The total it brings. */
  seats: number;
}

const named = ({ scheduledChangeId, orderId, seats }: LostChange): string =>
  `${seats} seats at the renewal (${scheduledChangeId ? `scheduled change ${scheduledChangeId}` : `order ${orderId}`})`;

/** Why an immediate change must not be made unasked, or nothing when it drops nothing. */
export function lossReason(lost: readonly LostChange[]): OrderReason | null {
  if (lost.length === 0) return null;
  return reason(
    'scheduled-changes-would-be-lost',
    `Microsoft drops scheduled changes when a subscription is changed at once: ${lost.map(named).join(', ')}.`,
    'Order with dropScheduledChanges if that is meant; each is proposed again afterwards. Or schedule this change for the renewal too.',
  );
}

/**
 * Refuses a second change for the same renewal: Microsoft keeps one, and whether CMP would tell what became of the other
 * is not known.
 * @throws NotSchedulable
 */
export function refuseSecond(kept: readonly LostChange[]): void {
  if (kept.length === 0) return;
  throw new NotSchedulable(
    'one-at-renewal',
    `There is one for the renewal already: ${kept.map(named).join(', ')}.`,
    'Edit or cancel that one, then schedule this.',
  );
}

/**
 * Refuses an immediate change that would drop what is scheduled.
 * @throws OrderRefused
 */
export function refuseLoss(lost: readonly LostChange[]): void {
  const why = lossReason(lost);
  if (why) throw new OrderRefused('scheduled-changes-would-be-lost', why.detail, why.nextStep);
}

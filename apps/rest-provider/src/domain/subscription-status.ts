import type { AgreedSubscriptionV1 } from '@isthmus/contracts';
import { SubscriptionStatus } from './wire-enums.ts';

/** What a removed connector has left behind is not over at CMP: it is Suspended until CMP is read again. */
const ended = new Set(['terminated', 'removed', 'no-longer-listed']);

export const hasEnded = ({ status }: { status: string }): boolean => ended.has(status);

/**
 * The contract's status of CMP's word. It has no word for what is not there yet or not known: that is Suspended, so that
 * nobody bills it. Ended on its last day without renewal is Expired, any other end Cancelled.
 */
export function statusOf(subscription: AgreedSubscriptionV1): number {
  if (subscription.status === 'active') return SubscriptionStatus.Active;
  if (!hasEnded(subscription)) return SubscriptionStatus.Suspended;
  const { endedAt, expirationDate, autoRenew } = subscription;
  const ranOut =
    !autoRenew && endedAt && expirationDate && endedAt.slice(0, 10) >= expirationDate.slice(0, 10);
  return ranOut ? SubscriptionStatus.Expired : SubscriptionStatus.Cancelled;
}

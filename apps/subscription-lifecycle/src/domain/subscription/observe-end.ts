import { SubscriptionNotKnownYet } from './subscription-not-known-yet.error.ts';
import type { SubscriptionState } from './subscription-record.ts';

/** The status that a subscription ends with: CMP's last word where CMP ended it, otherwise why it is over for us. */
export function endStatus({ status, reason }: { status: string; reason: string }): string {
  return reason === 'no-longer-listed' || reason === 'connector-removed' ? reason : status;
}

/** The last news of a subscription. */
export interface EndObservation {
  status: string;
  providerVersion: number;
  asOf: number;
}

/**
 * A subscription after the news of its end, or nothing when that is not newer than what is known.
 *
 * @throws SubscriptionNotKnownYet when nothing was heard of it before. Ignoring that would be wrong: the news of its
 *   beginning may still come, and would then be the last word.
 */
export function observeEnd(
  id: string,
  before: SubscriptionState | null,
  { status, providerVersion, asOf }: EndObservation,
): SubscriptionState | null {
  if (!before) throw new SubscriptionNotKnownYet(id);
  if (providerVersion <= before.providerVersion) return null;
  return { ...before, status, providerVersion, asOf };
}

import type { SubscriptionState } from '../world/subscription.ts';
import { CmpRefusal } from '../wire/cmp-refusal.ts';
import {
  subscriptionLifecycle,
  type SubscriptionAction,
  type SubscriptionStatus,
} from './subscription-lifecycle.ts';

/** Takes a subscription one step further; refuses (500) what the lifecycle does not know. */
export function moveSubscription(subscription: SubscriptionState, action: SubscriptionAction): void {
  const next = (
    subscriptionLifecycle[subscription.status] as Partial<Record<SubscriptionAction, SubscriptionStatus>>
  )[action];
  if (!next)
    throw new CmpRefusal(
      500,
      `Cannot ${action} Subscription #${subscription.id}: it is in status ${subscription.status}.`,
    );
  subscription.status = next;
}

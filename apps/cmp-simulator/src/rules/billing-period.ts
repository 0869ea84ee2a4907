import type { SubscriptionState } from '../world/subscription.ts';
import { addPeriod } from './period.ts';

/** A span of charging, from the first instant up to but without the last. */
export interface BillingSpan {
  from: number;
  until: number;
}

/** The billing period of a subscription that an instant falls in, counted from the start of its term. */
export function billingPeriodAt(subscription: SubscriptionState, at: number): BillingSpan {
  const anchor = subscription.termStartedAt ?? at;
  let n = 0;
  while (addPeriod(anchor, subscription.billing, n + 1) <= at) n++;
  return {
    from: addPeriod(anchor, subscription.billing, n),
    until: addPeriod(anchor, subscription.billing, n + 1),
  };
}

/** The part of a billing period that is left at an instant, by whole days, today included: 0 to 1. */
export function shareLeft({ from, until }: BillingSpan, at: number): number {
  const day = 86_400_000;
  const days = Math.round((until - from) / day);
  return Math.min(1, Math.max(0, days - Math.floor((at - from) / day)) / days);
}

import type { CatalogueItem } from '../catalogue/catalogue.ts';
import { CmpRefusal } from '../wire/errors.ts';
import type { Parameter } from '../wire/simple-api.ts';
import { addPeriod, type Period } from '../world/period.ts';
import type { SeatLot } from './nce.ts';

/** A product inside a subscription. */
export interface SubscribedProduct {
  item: CatalogueItem;
  quantity: number;
  vendorSubscriptionId?: string | undefined;
}

/** A subscription as the world stores it; times are milliseconds, UTC. */
export interface SubscriptionState {
  index: number;
  id: string;
  name: string;
  customerId: string;
  status: SubscriptionStatus;
  attributes: Record<string, string>;
  renewalStatus: boolean;
  createdAt: number;
  modifiedAt: number;
  /** Purchase or last renewal: the cancellation window opens here. Absent while pending. */
  termStartedAt?: number | undefined;
  /** First instant after the term; absent while pending. */
  termEndsAt?: number | undefined;
  /** It runs on, unrenewed, month by month: it can be cancelled and reduced any day. */
  extended?: boolean | undefined;
  /** The renewal date that CMP shows, if it differs. */
  shownRenewalDate?: string | undefined;
  term: Period;
  billing: Period;
  planId: number;
  products: SubscribedProduct[];
  /** Shows the products the other way round. */
  reversed?: boolean | undefined;
  /** Seats of the first product by when they were added; only the youngest may be given back. */
  lots: SeatLot[];
  orderParameters: Parameter[];
  fulfillmentParameters: Parameter[];
  /** The order that waits for the next renewal (statusCode AS). */
  scheduledOrderId?: string | undefined;
}

export type SubscriptionStatus = 'pending' | 'active' | 'hold' | 'terminated' | 'removed';
export type SubscriptionAction = 'provision' | 'fail' | 'suspend' | 'resume' | 'end' | 'remove';

/** The life of a subscription: what is absent is refused. Removal follows 30 days after the end (Microsoft's hold period). */
export const subscriptionLifecycle = {
  pending: { provision: 'active', fail: 'removed' },
  active: { suspend: 'hold', end: 'terminated', remove: 'removed' },
  hold: { resume: 'active', end: 'terminated', remove: 'removed' },
  terminated: { remove: 'removed' },
  removed: {},
} as const satisfies Record<SubscriptionStatus, Partial<Record<SubscriptionAction, SubscriptionStatus>>>;

/** Days between the end of a subscription and its removal. */
export const removalDelayDays = 30;

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

/** A period of charges, from its first instant up to but excluding its last. */
interface BillingSpan {
  from: number;
  until: number;
}

/** The billing period of a subscription that contains a given instant, counted from the start of its term. */
export function billingPeriodAt(subscription: SubscriptionState, at: number): BillingSpan {
  const anchor = subscription.termStartedAt ?? at;
  let n = 0;
  while (addPeriod(anchor, subscription.billing, n + 1) <= at) n++;
  return {
    from: addPeriod(anchor, subscription.billing, n),
    until: addPeriod(anchor, subscription.billing, n + 1),
  };
}

/** The remaining part of a billing period at a given instant, by whole days including today: 0 to 1. */
export function shareLeft({ from, until }: BillingSpan, at: number): number {
  const dayMs = 86_400_000;
  const days = Math.round((until - from) / dayMs);
  return Math.min(1, Math.max(0, days - Math.floor((at - from) / dayMs)) / days);
}

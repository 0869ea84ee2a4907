import type { Money } from '@isthmus/domain';
import type { SubscriptionState } from '../subscription/subscription-record.ts';

/** What is known here of what an order is about: prices, windows and lines of a quote come from it. */
export interface OrderBasis {
  /** Of a purchase, as far as the catalogue knows: of a seat and a billing period. */
  unitPrice: Money | null;
  /** Of a purchase: products that CMP adds when the customer has none of them. */
  dependsOn: { mpn?: string | undefined }[];
  /** Of everything else. */
  subscription: SubscriptionState | null;
  /** It runs on, unrenewed, month by month (extended service term). */
  extended?: boolean | undefined;
}

/** Of a change of a subscription. */
export const basisOf = (subscription: SubscriptionState): OrderBasis => ({
  unitPrice: null,
  dependsOn: [],
  subscription,
});

import type { SeatLot } from '../nce/seat-lots.ts';
import type { Period } from '../rules/period.ts';
import type { SubscriptionStatus } from '../rules/subscription-lifecycle.ts';
import type { Parameter } from '../wire/simple-api.ts';
import type { CatalogueItem } from './catalogue-item.ts';

/** A product inside a subscription. */
export interface HeldProduct {
  item: CatalogueItem;
  quantity: number;
  vendorSubscriptionId?: string | undefined;
}

/** A subscription as the world keeps it; instants are milliseconds, UTC. */
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
  /** What CMP shows as the renewal date, where that is something else. */
  shownRenewalDate?: string | undefined;
  term: Period;
  billing: Period;
  planId: number;
  products: HeldProduct[];
  /** Shows the products the other way round. */
  reversed?: boolean | undefined;
  /** Seats of the first product by when they were added; only the youngest may be given back. */
  lots: SeatLot[];
  orderParameters: Parameter[];
  fulfillmentParameters: Parameter[];
  /** The order that waits for the next renewal (statusCode AS). */
  scheduledOrderId?: string | undefined;
}

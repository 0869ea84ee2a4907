import type { Money } from '@isthmus/domain';
import type { Acceptance } from './cmp-signs.ts';
import type { OrderAsk } from './order-ask.ts';
import type { OrderReason } from './order-reason.ts';
import type { OrderStatus } from './order-lifecycle.ts';
import type { OrderTerms } from './order-terms.ts';
import type { SeenOrder } from './seen-order.ts';

/** What the asker agreed to beforehand; the order is refused when CMP's estimate asks for more. */
export interface Consent {
  /** Highest total of the order, a decimal; null when any price is taken. */
  highestTotal: { amount: string; currency: string } | null;
  /** Products that CMP may add by itself: mpns. `any` when nothing was quoted. */
  extraProducts: string[] | 'any';
  /** What CMP keeps for the renewal may be lost. */
  dropScheduledChanges?: boolean;
}

/** An order with everything its next step depends on. Plain data; instants are milliseconds, UTC. */
export interface OrderRecord {
  readonly id: string;
  /** Goes into `poNumber` and `attributes` at CMP, unique among all orders of all tenants. */
  readonly marker: string;
  readonly ask: OrderAsk;
  readonly consent: Consent;
  readonly askedAt: number;
  /** Term, billing period and price; absent of older records. */
  terms?: OrderTerms;
  /** What whoever commanded it should know, and it was ordered all the same. */
  readonly warnings?: readonly OrderReason[];
  status: OrderStatus;
  /** Why it stands where it stands, for people; null while all is well. */
  reason: OrderReason | null;

  /** When the checks before sending last passed; null when they have to be made (again). */
  checkedAt: number | null;
  /** Seats of the product when the checks passed. */
  seatsBefore: number | null;

  /** How often a POST may have left us. */
  attempts: number;
  /** How often it may; a person who asks for a retry allows one more. */
  attemptsAllowed: number;
  firstSentAt: number | null;
  lastSentAt: number | null;
  /** CMP's words, when it answered an order with a refusal that does not say whether the order exists. */
  doubtfulRefusal: string | null;
  /** Whether those words clearly say no; absent of older records. */
  clearRefusal?: boolean;
  /** When they arrived; absent of older records. */
  refusalAt?: number | null;
  /** Complete looks without a trace of the order, since it was last sent. */
  absentLooks: number;
  lastAbsentAt: number | null;
  /** What a worker heard from CMP after it had lost the order to another one. */
  lateAnswer: SeenOrder | null;

  cmpOrderId: string | null;
  cmpOrderNumber: string | null;
  /** CMP's word. */
  cmpStatus: string | null;
  /** Of the subscription created or changed. */
  cmpSubscriptionId: string | null;
  acceptedAt: number | null;
  completedAt: number | null;
  /** CMP's internal code. */
  cmpStatusCode?: string | null;
  /** A person that the order waits for: whoever confirms it in the control panel, or the customer who accepts a link. */
  cmpWait?: 'portal-confirmation' | 'customer-acceptance' | null;
  /** The link to accept, and since when it waits for that. */
  acceptance?: (Acceptance & { since: number }) | null;
  /** What the order costs by CMP. */
  charged?: Money | null;
  finishedAt: number | null;

  withdrawAsked: boolean;
  /** Steps of the present kind in a row that did not bring the order on: what the backoff counts. */
  idleSteps: number;
  /** No step before this instant. */
  nextStepAt: number;
}

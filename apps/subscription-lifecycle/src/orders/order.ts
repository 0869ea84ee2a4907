import type { OrderWaitCause } from '@isthmus/contracts';
import type { Money, Period } from '@isthmus/domain';
import {
  IllegalOrderAction,
  isFinal,
  type OrderAction,
  type OrderStatus,
  statusAfter,
} from './order-lifecycle.ts';
import { defaultRetryPolicy } from './protocol/retry-policy.ts';

/** The product of an order, as CMP identifies it; the MPN alone is not unique at CMP. */
export interface OrderProduct {
  vendor: string;
  mpn: string;
  /** CMP's id (PRD…). */
  cmpProductId?: string;
  name?: string;
  billingPeriod?: Period;
  term?: Period;
}

/** A parameter of a purchase, such as `microsoft_domain`. Names are case-sensitive at CMP. */
export interface OrderParameter {
  name: string;
  value?: string;
  structured_value?: unknown;
}

interface OfAccount {
  /** CMP's id of the customer. */
  cmpAccountId: string;
}

interface OfSubscription extends OfAccount {
  cmpSubscriptionId: string;
}

export interface CreateSpec extends OfAccount {
  kind: 'create';
  product: OrderProduct;
  seats: number;
  parameters: OrderParameter[];
}

export interface ChangeQuantitySpec extends OfSubscription {
  kind: 'change-quantity';
  product: OrderProduct;
  /** The new total, never a difference. */
  seats: number;
  when: 'now' | 'renewal';
  /** In an extended service term, seats can be removed any day. */
  extendedTerm?: true;
}

interface CancelSpec extends OfSubscription {
  kind: 'cancel';
}

interface RenewalSettingSpec extends OfSubscription {
  kind: 'renewal-setting';
  autoRenew: boolean;
}

/** The change to make at CMP. */
export type OrderSpec = CreateSpec | ChangeQuantitySpec | CancelSpec | RenewalSettingSpec;
export type OrderKind = OrderSpec['kind'];
export const orderKinds = [
  'create',
  'change-quantity',
  'cancel',
  'renewal-setting',
] as const satisfies readonly OrderKind[];

/**
 * Orders of one queue run one after the other: one change at a time per subscription, and one purchase at a time per account
 * and product, so that similar orders can always be distinguished.
 */
export function queueKey(spec: OrderSpec): string {
  if (spec.kind !== 'create') return `subscription ${spec.cmpSubscriptionId}`;
  return `${purchasesOfPart(spec)}${spec.product.cmpProductId ?? ''}`;
}

/** How the queues of all purchases of a part for an account begin: CMP has a product for each of its terms. */
export const purchasesOfPart = ({ cmpAccountId, product: { vendor, mpn } }: CreateSpec): string =>
  `purchase ${cmpAccountId} ${vendor}:${mpn} `;

/** The human-readable reason why an order waits, was refused or needs attention. */
export interface OrderReason {
  /** Stable code, such as `refused-by-cmp`. */
  code: string;
  /** A description of what happened, and to which resource. */
  detail: string;
  /** The next step. */
  nextStep: string;
  /** CMP's `X-Correlation-ID`, for its support. */
  correlationId?: string;
}

export const reason = (
  code: string,
  detail: string,
  nextStep: string,
  correlationId?: string,
): OrderReason => ({
  code,
  detail,
  nextStep,
  ...(correlationId === undefined ? {} : { correlationId }),
});

/** A link that the customer has to accept; null if CMP returned one that must not be shown. */
export interface Acceptance {
  link: string | null;
}

/** The parts of CMP's response that we need to track an order. */
export interface ObservedOrder {
  cmpOrderId: string;
  cmpOrderNumber: string | null;
  /** CMP's value: submitted, processing, completed, error, cancelled, unknown. */
  status: string;
  statusCode: string | null;
  /** The subscription of the ordered product, as soon as CMP shows it. */
  cmpSubscriptionId: string | null;
  /** Time according to CMP's clock. */
  createdAt: number | null;
  /** The cost of the order according to CMP; absent if CMP does not state it. */
  total?: Money | undefined;
  /** True if a user has to confirm it in the control panel. */
  held?: boolean;
  /** The customer has to accept something first. */
  acceptance?: Acceptance | null;
}

/** Term and billing period in ISO 8601; null if unknown. */
export interface Terms {
  term: string | null;
  billingPeriod: string | null;
}

/** The terms and prices of an order, as far as they were known when it was requested or checked. */
export interface OrderTerms extends Terms {
  /** Per seat and billing period. */
  unitPrice: Money | null;
  /** The expected cost of the whole order; a refund is negative. */
  total: Money | null;
  /** The source: the accepted quote, CMP's estimate just before sending, or our own from prices and proration. */
  totalFrom: 'quote' | 'cmp' | 'estimate' | null;
  /** Tolerance in percent between CMP's order and the total. */
  tolerancePercent: number;
  /** The value of one day of proration, because the order may be carried out on another day than it was estimated. */
  oneDay: Money | null;
}

/** The terms agreed beforehand; the order is refused if CMP's estimate exceeds them. */
export interface Consent {
  /** Maximum total, as a decimal string; null if any price is accepted. */
  highestTotal: { amount: string; currency: string } | null;
  /** MPNs of products that CMP may add on its own. `any` if nothing was quoted. */
  extraProducts: string[] | 'any';
  /** Allows changes that CMP has scheduled for the renewal to be dropped. */
  dropScheduledChanges?: boolean;
}

/** The request for approval of an order, and the approver's decision. Times are milliseconds, UTC. */
export interface Approval {
  /** Hash of the complete content of the order, see `orderHash`. */
  hash: string;
  requestedAt: number;
  /** Without a decision by this time the order is refused. */
  expiresAt: number;
  decided?: { outcome: 'approved' | 'rejected'; by: string; at: number };
}

/** An order with everything its next step depends on. Plain data; times are milliseconds, UTC. */
export interface OrderRecord {
  readonly id: string;
  /** Goes into `poNumber` and `attributes` at CMP, unique among all orders of all tenants. */
  readonly marker: string;
  readonly spec: OrderSpec;
  readonly consent: Consent;
  readonly requestedAt: number;
  /** Term, billing period and price; absent from older records. */
  terms?: OrderTerms;
  /** Warnings that did not prevent the order, such as an unknown term. */
  readonly warnings?: readonly OrderReason[];
  /** Present if the order guard required an approval. */
  approval?: Approval;
  status: OrderStatus;
  /** The reason for its status, for users; null if there is no problem. */
  reason: OrderReason | null;

  /** Time at which the checks before sending last passed; null if the checks are due (again). */
  checkedAt: number | null;
  /** Seats of the product when the checks passed. */
  seatsBefore: number | null;

  /** Number of times that a POST may have been sent. */
  attempts: number;
  /** Maximum number of POSTs; a user who requests a retry allows one more. */
  attemptsAllowed: number;
  firstSentAt: number | null;
  lastSentAt: number | null;
  /** CMP's rejection message, if it does not rule out that the order exists. */
  doubtfulRefusal: string | null;
  /** True if that message is unambiguously a rejection; missing in older records. */
  clearRefusal?: boolean;
  /** Arrival time of that message; missing in older records. */
  refusalAt?: number | null;
  /** Number of complete searches since the last send that did not find the order. */
  absentLooks: number;
  lastAbsentAt: number | null;
  /** CMP's response to a worker that had meanwhile lost its claim on the order. */
  lateAnswer: ObservedOrder | null;

  cmpOrderId: string | null;
  cmpOrderNumber: string | null;
  /** The status as reported by CMP. */
  cmpStatus: string | null;
  /** The subscription that was created or changed. */
  cmpSubscriptionId: string | null;
  acceptedAt: number | null;
  completedAt: number | null;
  /** CMP's internal status code. */
  cmpStatusCode?: string | null;
  /** Manual action that the order waits for: a confirmation in the control panel, or the customer's acceptance of a link. */
  cmpWait?: 'portal-confirmation' | 'customer-acceptance' | null;
  /** The link to accept, and since when the order has been waiting for it. */
  acceptance?: (Acceptance & { since: number }) | null;
  /** The cost of the order according to CMP. */
  charged?: Money | null;
  finishedAt: number | null;

  withdrawRequested: boolean;
  /** Consecutive steps of the current kind without progress; determines the backoff. */
  idleSteps: number;
  /** The next step is not due before this time. */
  nextStepAt: number;
}

/**
 * The marker of an order, from its id: short enough for CMP's purchase order number, as unique as the id, and easy to
 * read out over the phone. An order keeps its marker however often it is sent.
 */
const orderMarker = (orderId: string): string =>
  `ISM-${BigInt(`0x${orderId.replaceAll('-', '')}`)
    .toString(36)
    .toUpperCase()
    .padStart(25, '0')}`;

/** Creates an order from an accepted command. */
export const newOrder = (
  id: string,
  spec: OrderSpec,
  consent: Consent,
  now: number,
  more: Pick<OrderRecord, 'terms' | 'warnings'> = {},
): OrderRecord => ({
  ...more,
  id,
  marker: orderMarker(id),
  spec,
  consent,
  requestedAt: now,
  status: 'planned',
  reason: null,
  checkedAt: null,
  seatsBefore: null,
  attempts: 0,
  attemptsAllowed: defaultRetryPolicy.attempts,
  firstSentAt: null,
  lastSentAt: null,
  doubtfulRefusal: null,
  absentLooks: 0,
  lastAbsentAt: null,
  lateAnswer: null,
  cmpOrderId: null,
  cmpOrderNumber: null,
  cmpStatus: null,
  cmpSubscriptionId: spec.kind === 'create' ? null : spec.cmpSubscriptionId,
  acceptedAt: null,
  completedAt: null,
  finishedAt: null,
  withdrawRequested: false,
  idleSteps: 0,
  nextStepAt: now,
});

/** When processing of the order started; time spent waiting for approval does not count. */
export const startedAt = ({ approval, requestedAt }: OrderRecord): number =>
  approval?.decided?.at ?? requestedAt;

/**
 * Returns the order after an action, with other changes. The backoff is reset and the next step is due immediately.
 * @throws IllegalOrderAction
 */
export function transition(
  order: OrderRecord,
  action: OrderAction,
  now: number,
  changes: Partial<OrderRecord> = {},
): OrderRecord {
  const status = statusAfter(order.status, action);
  if (!status) throw new IllegalOrderAction(order.id, order.status, action);
  const finishedAt = isFinal(status) ? now : null;
  return { ...order, reason: null, idleSteps: 0, nextStepAt: now, ...changes, status, finishedAt };
}

/** Returns the order with its next step due after `ms`, and with other changes. */
export function postpone(
  order: OrderRecord,
  now: number,
  ms: number,
  changes: Partial<OrderRecord> = {},
): OrderRecord {
  return { ...order, idleSteps: order.idleSteps + 1, ...changes, nextStepAt: now + ms };
}

/** The reason why a connector is paused, as its owner published it. */
export interface ConnectorPause {
  automatic: boolean;
  detail: string;
  nextStep: string;
  by: string;
}

/** The inputs for the reason why an order waits, in addition to its own record. */
export interface WaitFacts {
  cause: OrderWaitCause;
  pause: ConnectorPause | null;
  /** The order in the same queue that goes first. */
  ahead: { id: string; kind: OrderKind; status: string } | null;
  /** `YYYY-MM-DD`. */
  renewalDate: string | null;
}

import { hash } from 'node:crypto';
import type { RequestedOrderV1, OrderStateV1 } from '@isthmus/contracts';
import { DomainError, PartNumber } from '@isthmus/domain';

/**
 * A write that a client requested, a purchase or a change of a subscription. It is stored before anything is ordered, and
 * repetitions of the request are recognised by its key.
 */
export type Intent = PurchaseIntent | ChangeIntent;

export interface PurchaseIntent extends AnyIntent {
  kind: 'purchase';
  customerId: string;
  requested: Purchase;
}

export interface ChangeIntent extends AnyIntent {
  kind: 'change';
  subscriptionId: string;
  requested: Change;
}

interface AnyIntent {
  id: string;
  tenantId: string;
  connectorId: string;
  key: string;
  ownKey: boolean;
  inForce: boolean;
  status: IntentStatus;
  customerId: string | null;
  subscriptionId: string | null;
  orderIds: string[];
  orders: RequestedOrderV1[] | null;
  refusal: Refusal | null;
  handedOver: boolean;
  requestedBy: string;
  createdAt: Date;
  finishedAt: Date | null;
}

export const intentKinds = ['purchase', 'change'] as const;

/**
 * `open`: nothing is known to be ordered. `awaiting-approval`: one of its orders awaits approval. `ordered`: its orders are in
 * progress. `done`: CMP has confirmed them. `refused`: nothing was changed.
 */
export const intentStatuses = ['open', 'awaiting-approval', 'ordered', 'done', 'refused'] as const;
type IntentStatus = (typeof intentStatuses)[number];

/** Statuses in which the orders of the write are placed and may still change it. */
export const runningStatuses = ['awaiting-approval', 'ordered'] as const satisfies readonly IntentStatus[];

/** The reason why the write was refused. */
export interface Refusal {
  code: string;
  detail: string;
  nextStep?: string;
}

/** CMP or subscription-lifecycle will not do it; `code` is theirs. */
export class WriteRefused extends DomainError {
  constructor(code: string, detail: string, nextStep?: string) {
    super(detail, { code, nextStep });
  }
}

/** The write includes an order that exceeds the limits of its connector; it is sent to CMP once a user has approved it. */
export class AwaitingApproval extends DomainError {
  static override readonly code = 'order.awaiting-approval';

  /** @param held how the order stands; undefined while its service does not respond */
  constructor(orderIds: readonly string[], waitingOrder: OrderStateV1 | undefined) {
    const which = waitingOrder?.orderId ?? orderIds.join(' or ');
    const { detail = '', nextStep = 'Have an operator approve or reject it in Isthmus.' } =
      waitingOrder?.waiting ?? {};
    super(`Order ${which} is not placed yet: it waits for an approval. ${detail}`.trim(), {
      title: 'The order waits for an approval',
      nextStep: `${nextStep} Then send the same request again; it does not create a second order.`,
      details: { orderIds, ...(waitingOrder?.waiting?.until && { until: waitingOrder.waiting.until }) },
    });
  }
}

/** The parts of a request that define the purchase. */
export interface Purchase {
  customerId: string;
  /** In its printed form; compared without case. */
  partNumber: string;
  quantity: number;
  /** A BillingCycleType. */
  frequency: number | null;
  name: string | null;
  friendlyName: string | null;
  autoRenew: boolean | null;
}

/** The requested state of a subscription; fields that are left out are not changed. */
export interface Change {
  quantity?: number;
  autoRenew?: boolean;
  cancel?: true;
  /** The entry's id, where the subscription has several lines: the same total of another line is another change. */
  entryId?: string;
}

/**
 * Returns the same key for a repetition, and another for a genuine second purchase. Dates and prices are excluded: a client that
 * retries may send the time of the retry, or a price that it has read again.
 */
export function keyOfPurchase(purchase: Purchase): string {
  const partNumber = PartNumber.key(PartNumber.parse(purchase.partNumber));
  return digest({ ...purchase, partNumber });
}

export const keyOfChange = (subscriptionId: string, change: Change): string =>
  digest({ subscriptionId, ...change });

/** Members in the order of their names, so that the order they were written in does not count. */
const digest = (members: object): string =>
  hash('sha256', JSON.stringify(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))), 'base64url');

/** The state of a write, derived from its orders. */
export interface Progress {
  status: IntentStatus;
  /** subscription-lifecycle's id, once it is known. */
  subscriptionId: string | null;
  refusal: Refusal | null;
}

/** Derived from its orders: one that is refused refuses the whole, and all of them have to be settled. */
export function progressOf(orders: readonly OrderStateV1[]): Progress {
  const subscriptionId = orders.find((order) => order.subscriptionId)?.subscriptionId ?? null;
  const failed = orders.find(({ outcome }) => outcome === 'refused' || outcome === 'withdrawn');
  if (failed) return { status: 'refused', subscriptionId, refusal: refusalOf(failed, orders) };
  if (orders.some(isAwaitingApproval)) return { status: 'awaiting-approval', subscriptionId, refusal: null };
  const settled = orders.length > 0 && orders.every(({ outcome }) => outcome === 'settled');
  return { status: settled ? 'done' : 'ordered', subscriptionId, refusal: null };
}

export const isAwaitingApproval = ({ waiting }: OrderStateV1): boolean => waiting?.for === 'approval';

function refusalOf({ outcome, reason, kind }: OrderStateV1, orders: readonly OrderStateV1[]): Refusal {
  const others = orders.filter((order) => order.outcome === 'settled').map((order) => order.kind);
  const done = others.length > 0 ? ` The ${others.join(' and ')} ordered with it was carried out.` : '';
  if (!reason)
    return {
      code: `order.${outcome}`,
      detail: `The order (${kind}) was withdrawn before CMP started to process it.${done}`,
      nextStep: 'Order again, or contact the user who withdrew it.',
    };
  return { code: `order.${reason.code}`, detail: reason.detail + done, nextStep: reason.nextStep };
}

/** A person's no stays the response to the same request for a while; anything else may be requested again at once. */
export const isRejectedApproval = (refusal: Refusal | null): boolean =>
  refusal?.code === 'order.approval-rejected';

/** @throws WriteRefused if the write was refused */
export function requireNotRefused({ status, refusal }: Intent): void {
  if (status !== 'refused') return;
  const { code = 'order.refused', detail = 'CMP rejected the order.', nextStep } = refusal ?? {};
  throw new WriteRefused(code, detail, nextStep);
}

/** True if its orders can still change it; a finished purchase is tracked until its subscription is known. */
export const isInProgress = ({ status, subscriptionId, orderIds }: Intent): boolean =>
  orderIds.length > 0 &&
  (status === 'awaiting-approval' || status === 'ordered' || (status === 'done' && subscriptionId === null));

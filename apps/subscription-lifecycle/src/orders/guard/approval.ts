import { canonicalHash, DomainError } from '@isthmus/domain';
import { IllegalOrderAction } from '../order-lifecycle.ts';
import { type OrderRecord, reason, transition } from '../order.ts';
import { describeReached, type ReachedLimit } from './order-guard.ts';

/** The owner of an order, in addition to its record: part of the approved content. */
export interface OrderOwner {
  connectorId: string;
  /** Ours; null for a purchase. */
  subscriptionId: string | null;
  requestedBy: string;
}

/**
 * The hash of everything that is approved: what is sent to CMP, at which price and terms, under which consent, for whom and
 * on whose request. An approval names it, so that it is of this content and no other.
 */
export const orderHash = ({ id, spec, consent, terms }: OrderRecord, owner: OrderOwner): string => {
  const { connectorId, subscriptionId, requestedBy } = owner;
  return canonicalHash({ id, spec, consent, terms: terms ?? null, connectorId, subscriptionId, requestedBy });
};

const day = 86_400_000;

/** A new order that awaits the approval of another user. */
export function holdForApproval(
  order: OrderRecord,
  owner: OrderOwner,
  { reached, approvalDays }: { reached: readonly ReachedLimit[]; approvalDays: number },
  now: number,
): OrderRecord {
  const expiresAt = now + approvalDays * day;
  const approval = { hash: orderHash(order, owner), requestedAt: now, expiresAt };
  const until = new Date(expiresAt).toISOString();
  const why = reason(
    'approval-needed',
    `${describeReached(reached)} Nothing is sent to CMP until another user has approved it.`,
    `Have an operator other than ${owner.requestedBy} approve or reject order ${order.id} by ${until}; after that it expires.`,
  );
  return transition(order, 'hold', now, { approval, reason: why, nextStepAt: expiresAt });
}

/** A user's decision about an order awaiting approval. */
export interface ApprovalDecision {
  /** Subject of the approver. */
  by: string;
  /** Hash of the content that the user has seen. */
  hash: string;
}

/**
 * Approves an order: it is carried out like any other, and checked again before it is sent. The quote still limits its price, but
 * its total is compared with CMP's estimate of that day.
 * @throws IllegalOrderAction, ApprovalExpired, OwnApproval, OrderContentDiffers
 */
export function approve(
  order: OrderRecord,
  owner: OrderOwner,
  { by, hash }: ApprovalDecision,
  now: number,
): OrderRecord {
  const approval = requireHeld(order, 'approve', now);
  if (readAs(by) === readAs(owner.requestedBy)) throw new OwnApproval(order.id);
  requireContent(order, owner, hash);
  const { terms } = order;
  const decided = { outcome: 'approved', by, at: now } as const;
  return transition(order, 'approve', now, {
    approval: { ...approval, decided },
    ...(terms?.totalFrom === 'quote' ? { terms: { ...terms, totalFrom: 'estimate' as const } } : {}),
  });
}

/** Two subjects that read the same are taken for one: at worst, somebody else has to approve. */
const readAs = (subject: string): string => subject.normalize('NFKC').toLowerCase().normalize('NFKC');

/**
 * The order after somebody rejected it.
 * @throws IllegalOrderAction, ApprovalExpired, OrderContentDiffers
 */
export function reject(
  order: OrderRecord,
  owner: OrderOwner,
  { by, hash, because }: ApprovalDecision & { because: string },
  now: number,
): OrderRecord {
  const approval = requireHeld(order, 'refuse', now);
  requireContent(order, owner, hash);
  return transition(order, 'refuse', now, {
    approval: { ...approval, decided: { outcome: 'rejected', by, at: now } },
    reason: reason(
      'approval-rejected',
      `${by} rejected it: ${because}`,
      `Contact ${by}; a new order needs a separate approval.`,
    ),
  });
}

/** The order whose time to be approved is over. */
export function expireApproval(order: OrderRecord, now: number): OrderRecord {
  const { requestedAt = order.requestedAt } = order.approval ?? {};
  const since = new Date(requestedAt).toISOString();
  return transition(order, 'refuse', now, {
    reason: reason(
      'approval-expired',
      `Nobody approved or rejected it since ${since}. Nothing was sent to CMP.`,
      'Order it again if it is still needed, and have it approved in time.',
    ),
  });
}

function requireHeld(order: OrderRecord, action: 'approve' | 'refuse', now: number) {
  if (order.status !== 'awaiting-approval' || !order.approval)
    throw new IllegalOrderAction(order.id, order.status, action);
  if (now >= order.approval.expiresAt) throw new ApprovalExpired(order.id, order.approval.expiresAt);
  return order.approval;
}

/** The stored content must still be the one that was put on hold and that the user has seen. */
function requireContent(order: OrderRecord, owner: OrderOwner, hash: string): void {
  if (order.approval?.hash !== hash || orderHash(order, owner) !== hash)
    throw new OrderContentDiffers(order.id);
}

/** The time to decide is over, although the order does not show it yet. */
class ApprovalExpired extends DomainError {
  static override readonly code = 'order.approval-expired';

  constructor(orderId: string, expiredAt: number) {
    super(`Order ${orderId} could be approved or rejected until ${new Date(expiredAt).toISOString()}.`, {
      nextStep: 'Have it ordered again if it is still needed.',
    });
  }
}

/** The requester cannot approve the order. */
class OwnApproval extends DomainError {
  static override readonly code = 'order.own-approval';

  constructor(orderId: string) {
    super(`Order ${orderId} was requested by you; somebody else has to approve it.`, {
      title: 'Nobody can approve their own order',
      nextStep: 'Ask another operator, or withdraw the order.',
    });
  }
}

/** The order differs from the content that the user has seen. */
class OrderContentDiffers extends DomainError {
  static override readonly code = 'order.content-differs';

  constructor(orderId: string) {
    super(`The hash is not that of the content of order ${orderId}.`, {
      title: 'The order is not the one that was seen',
      nextStep: 'Read the order again, check its content, and use the current hash.',
      fields: ['hash'],
    });
  }
}

/** A later order for the same seats has been placed since. */
export class OrderSuperseded extends DomainError {
  static override readonly code = 'order.superseded';

  constructor(orderId: string, laterId: string) {
    super(`Order ${laterId} for the same subscription was placed after order ${orderId}.`, {
      title: 'A later order has superseded it',
      nextStep: `Reject order ${orderId}; if it is still needed, have it ordered again.`,
    });
  }
}

/** The order is too large to be taken without a quote. */
export class QuoteNeeded extends DomainError {
  static override readonly code = 'order.quote-needed';

  constructor(reached: readonly ReachedLimit[], connectorId: string) {
    super(describeReached(reached), {
      title: 'The order needs a quote',
      nextStep:
        'Send the same body to POST /v1/quotes, check its price and effects, and order again with its id as quoteId.',
      details: { connectorId, reached },
    });
  }
}

import { DomainError } from '@isthmus/domain';

export const orderStatuses = [
  'planned',
  'awaiting-approval',
  'sending',
  'unknown',
  'accepted',
  'scheduled',
  'proving',
  'settled',
  'refused',
  'withdrawn',
  'completed-not-effective',
  'needs-attention',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

export const orderActions = [
  'hold',
  'approve',
  'send',
  'put-back',
  'lose-track',
  'accept',
  'schedule',
  'complete',
  'settle',
  'disprove',
  'refuse',
  'withdraw',
  'escalate',
  'retry',
] as const;
export type OrderAction = (typeof orderActions)[number];

/**
 * The life cycle of an order; transitions that are not listed are rejected. Tests, the check constraint and the documents read
 * this table.
 * `planned` waits in its queue or for its checks; nothing is at CMP. `awaiting-approval`: the order guard requires an approval;
 * the order is in no queue until another user decides or it expires, and gets this status only when it is accepted, never later.
 * `sending`: the POST may be sent at this moment. `unknown`: it may or may not be at CMP. `accepted`: CMP has it. `scheduled`:
 * CMP holds it until the renewal. `proving`: CMP reports it as completed, and the subscription is being re-read. Even a finished
 * order may change: a late response is not discarded, and a second order at CMP is escalated.
 */
export const orderLifecycle = {
  planned: {
    hold: 'awaiting-approval',
    send: 'sending',
    settle: 'settled',
    refuse: 'refused',
    withdraw: 'withdrawn',
    'lose-track': 'unknown',
    accept: 'accepted',
    escalate: 'needs-attention',
  },
  'awaiting-approval': { approve: 'planned', refuse: 'refused', withdraw: 'withdrawn' },
  sending: { 'put-back': 'planned', 'lose-track': 'unknown', accept: 'accepted', refuse: 'refused' },
  unknown: {
    'put-back': 'planned',
    accept: 'accepted',
    refuse: 'refused',
    withdraw: 'withdrawn',
    escalate: 'needs-attention',
  },
  accepted: {
    schedule: 'scheduled',
    complete: 'proving',
    refuse: 'refused',
    withdraw: 'withdrawn',
    escalate: 'needs-attention',
  },
  scheduled: { complete: 'proving', refuse: 'refused', withdraw: 'withdrawn', escalate: 'needs-attention' },
  proving: { settle: 'settled', disprove: 'completed-not-effective', escalate: 'needs-attention' },
  settled: { escalate: 'needs-attention' },
  refused: { accept: 'accepted', escalate: 'needs-attention' },
  withdrawn: { accept: 'accepted', escalate: 'needs-attention' },
  'completed-not-effective': { settle: 'settled', refuse: 'refused', escalate: 'needs-attention' },
  'needs-attention': {
    accept: 'accepted',
    schedule: 'scheduled',
    complete: 'proving',
    settle: 'settled',
    refuse: 'refused',
    withdraw: 'withdrawn',
    retry: 'planned',
  },
} as const satisfies Record<OrderStatus, Partial<Record<OrderAction, OrderStatus>>>;

/** Statuses in which nothing more happens unless new information arrives. */
export const finalStatuses = ['settled', 'refused', 'withdrawn'] as const satisfies readonly OrderStatus[];

/**
 * Statuses that block the next order of the queue. An order scheduled for the renewal does not, nor one awaiting approval, nor a
 * final one.
 */
export const blockingStatuses = orderStatuses.filter(
  (status) =>
    status !== 'scheduled' &&
    status !== 'awaiting-approval' &&
    !(finalStatuses as readonly OrderStatus[]).includes(status),
);

export const isFinal = (status: OrderStatus): boolean =>
  (finalStatuses as readonly OrderStatus[]).includes(status);

/** Whether it has ended or needs a person: nothing more happens to it by itself. */
export const isAtRest = (status: OrderStatus): boolean =>
  isFinal(status) || status === 'needs-attention' || status === 'completed-not-effective';

/** Statuses that lead to the end of the order by themselves. */
export const underWayStatuses = orderStatuses.filter(
  (status) => !isAtRest(status) && status !== 'awaiting-approval',
);

/** The status after the action, or nothing when the table does not allow it. */
export const statusAfter = (status: OrderStatus, action: OrderAction): OrderStatus | undefined =>
  (orderLifecycle[status] as Partial<Record<OrderAction, OrderStatus>>)[action];

/** The life of an order has no such step. */
export class IllegalOrderAction extends DomainError {
  static override readonly code = 'order.illegal-action';

  constructor(orderId: string, status: OrderStatus, action: OrderAction) {
    super(`Order ${orderId} is ${status}; "${action}" is not possible.`, {
      nextStep: 'Read the order again to see its current state.',
    });
  }
}

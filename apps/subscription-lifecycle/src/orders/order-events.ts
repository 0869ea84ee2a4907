import type { OrderAccount } from './order.entity.ts';
import {
  OrderApprovalRequestedV1,
  OrderApprovedV1,
  type OrderFieldsV1,
  type OrderOutcome,
  OrderPlacedV1,
  OrderEscalatedV1,
  OrderRefusedV1,
  OrderSettledV1,
  type OrderStateV1,
  type OrderWaitCause,
  type OrderWaitV1,
  OrderWithdrawnV1,
} from '@isthmus/contracts';
import { Decimal, type Money } from '@isthmus/domain';
import { event, type NewEvent } from '@isthmus/messaging';
import type { AuditedChange } from '@isthmus/service-kit';
import type { GuardFacts } from './guard/order-guard.ts';
import type { OrderStatus } from './order-lifecycle.ts';
import type { OrderRow } from './order.entity.ts';
import {
  type ConnectorPause,
  type Consent,
  type OrderReason,
  type OrderRecord,
  reason,
  startedAt,
  type WaitFacts,
} from './order.ts';
import { defaultRetryPolicy, refusedAfter, resendAfter, type RetryPolicy } from './protocol/retry-policy.ts';

/** The fields of a stored order that events need. */
type OrderEventSource = Pick<
  OrderRow,
  'id' | 'tenantId' | 'connectorId' | 'subscriptionId' | 'requestedBy' | 'correlationId' | 'record'
>;

type EventBuilder = (row: OrderEventSource, next: OrderRecord, version: number) => NewEvent;

const plain =
  (contract: new () => OrderFieldsV1): EventBuilder =>
  (row, next, version) =>
    event(contract, orderFacts(row, next), eventMeta(row, version));

const withReason =
  (contract: typeof OrderRefusedV1 | typeof OrderEscalatedV1): EventBuilder =>
  (row, next, version) => {
    const { code, detail, nextStep, correlationId } = next.reason ?? {
      code: 'unknown',
      detail: '-',
      nextStep: '-',
    };
    const reason = { code, detail: detail.slice(0, 4000), nextStep: nextStep.slice(0, 2000), correlationId };
    return event(contract, { ...orderFacts(row, next), reason }, eventMeta(row, version));
  };

const approvalRequested: EventBuilder = (row, next, version) => {
  const { approval, reason: why } = next;
  const expiresAt = new Date(approval?.expiresAt ?? next.nextStepAt).toISOString();
  const asked = { hash: approval?.hash ?? '-', detail: (why?.detail ?? '-').slice(0, 2000), expiresAt };
  return event(
    OrderApprovalRequestedV1,
    { ...orderFacts(row, next), approval: asked },
    eventMeta(row, version),
  );
};

const approved: EventBuilder = (row, next, version) => {
  const { hash = '-', decided } = next.approval ?? {};
  const data = { ...orderFacts(row, next), hash, approvedBy: decided?.by ?? '-' };
  return event(OrderApprovedV1, data, eventMeta(row, version));
};

/** The event that is published when an order enters a status. */
const eventBuilders: Partial<Record<OrderStatus, EventBuilder>> = {
  'awaiting-approval': approvalRequested,
  accepted: plain(OrderPlacedV1),
  settled: plain(OrderSettledV1),
  withdrawn: plain(OrderWithdrawnV1),
  refused: withReason(OrderRefusedV1),
  'needs-attention': withReason(OrderEscalatedV1),
  'completed-not-effective': withReason(OrderEscalatedV1),
};

/** The event of a step, or none when it did not bring the order into another status. */
export function orderEvent(row: OrderEventSource, next: OrderRecord, version: number): NewEvent[] {
  if (row.record.status === next.status) return [];
  const build =
    row.record.status === 'awaiting-approval' && next.status === 'planned'
      ? approved
      : eventBuilders[next.status];
  return build ? [build(row, next, version)] : [];
}

const eventMeta = ({ tenantId, id, correlationId }: OrderEventSource, version: number) => ({
  tenantId,
  aggregateId: id,
  version,
  correlationId,
});

function orderFacts(
  { id, connectorId, subscriptionId, requestedBy }: OrderEventSource,
  next: OrderRecord,
): OrderFieldsV1 {
  const { spec } = next;
  const bought = spec.kind === 'create' || spec.kind === 'change-quantity' ? spec : undefined;
  return {
    connectorId,
    orderId: id,
    kind: spec.kind,
    cmpAccountId: spec.cmpAccountId,
    cmpSubscriptionId: next.cmpSubscriptionId ?? undefined,
    cmpOrderId: next.cmpOrderId ?? undefined,
    cmpOrderNumber: next.cmpOrderNumber ?? undefined,
    subscriptionId: subscriptionId ?? undefined,
    mpn: bought?.product.mpn,
    seats: bought?.seats,
    vendor: bought?.product.vendor,
    productName: bought?.product.name,
    term: next.terms?.term ?? undefined,
    billingPeriod: next.terms?.billingPeriod ?? undefined,
    unitPrice: contractMoney(next.terms?.unitPrice),
    total: contractMoney(next.terms?.total),
    chargedTotal: contractMoney(next.charged),
    requestedBy,
  };
}

/** Left out if the contract cannot represent it: an event about money must not block the order. */
const contractMoney = (money: Money | null | undefined): Money | undefined =>
  money && Decimal.is(money.amount) ? money : undefined;

const outcomes: Partial<Record<OrderStatus, OrderOutcome>> = {
  settled: 'settled',
  refused: 'refused',
  withdrawn: 'withdrawn',
  'completed-not-effective': 'escalated',
  'needs-attention': 'escalated',
};

/** An order as the contract has it. */
export function toOrderState({ id, record, subscriptionId, wait }: OrderStateRow): OrderStateV1 {
  const { spec, status, reason, cmpSubscriptionId, requestedAt, finishedAt } = record;
  return {
    orderId: id,
    kind: spec.kind,
    outcome: outcomes[status] ?? 'running',
    reason: reason ?? undefined,
    waiting: wait ? describeWait(record, wait, defaultRetryPolicy) : undefined,
    cmpSubscriptionId: cmpSubscriptionId ?? undefined,
    subscriptionId: subscriptionId ?? undefined,
    requestedAt: new Date(requestedAt).toISOString(),
    finishedAt: finishedAt === null ? undefined : new Date(finishedAt).toISOString(),
  };
}

/** The state of an order, with the reason why it waits. */
export interface OrderStateRow {
  id: string;
  record: OrderRecord;
  /** For a purchase: the subscription it created, once the mirror has published it. */
  subscriptionId: string | null;
  wait: WaitFacts | null;
}

/** Describes the reason why an order waits, the deadline, and what users can do about it. */
export function describeWait(order: OrderRecord, facts: WaitFacts, retryPolicy: RetryPolicy): OrderWaitV1 {
  const until = endOfWait(order, facts, retryPolicy);
  const { link } = order.acceptance ?? {};
  const { detail, nextStep } = words[facts.cause](order, facts);
  return {
    for: facts.cause,
    detail: detail.slice(0, 2000),
    nextStep: nextStep.slice(0, 2000),
    ...(until === null ? {} : { until: new Date(until).toISOString() }),
    ...(facts.cause === 'another-order' && facts.ahead ? { orderId: facts.ahead.id } : {}),
    ...(facts.cause === 'customer-acceptance' && link ? { link } : {}),
  };
}

type Words = { detail: string; nextStep: string };

const orderName = ({ cmpOrderNumber, cmpOrderId }: OrderRecord): string =>
  `order ${cmpOrderNumber ?? cmpOrderId ?? ''}`.trim();

const words: Record<OrderWaitCause, (order: OrderRecord, facts: WaitFacts) => Words> = {
  'another-order': (_, { ahead }) => ({
    detail: `Order ${ahead?.id} (${ahead?.kind}, ${ahead?.status}) of the same subscription or product is processed first.`,
    nextStep:
      ahead?.status === 'needs-attention' || ahead?.status === 'completed-not-effective'
        ? `Decide order ${ahead.id}, which needs attention; this one then continues.`
        : `Wait until it has ended, or withdraw order ${ahead?.id}.`,
  }),
  'connector-paused': (_, { pause }) =>
    pause?.automatic
      ? {
          detail: `The connector was paused automatically. ${pause.detail}`.trim(),
          nextStep: `${pause.nextStep} Then resume the connector; the order then continues.`.trim(),
        }
      : {
          detail: `The connector was paused by ${pause?.by ?? 'a user'}. ${pause?.detail ?? ''}`.trim(),
          nextStep: 'Resume the connector; the order then continues.',
        },
  'portal-confirmation': (order) => ({
    detail: `CMP holds ${orderName(order)}${order.cmpStatusCode ? ` (${order.cmpStatusCode})` : ''} until a user confirms it.`,
    nextStep: `Confirm or cancel ${orderName(order)} in CMP's control panel.`,
  }),
  'customer-acceptance': ({ acceptance }) => ({
    detail: "CMP continues only after the customer has accepted the vendor's terms.",
    nextStep: acceptance?.link
      ? 'Send the link to the customer, who has to open and accept it; the order then continues.'
      : "Look up the link in CMP's control panel and have the customer accept it; the order then continues.",
  }),
  cmp: (order) => waitForCmp(order),
  approval: ({ reason }) => ({
    detail: reason?.detail ?? 'Another user has to approve the order.',
    nextStep: reason?.nextStep ?? 'Have an operator approve or reject it.',
  }),
  renewal: (_, { renewalDate }) => ({
    detail: `CMP holds the change until the renewal${renewalDate ? ` on ${renewalDate}` : ''}.`,
    nextStep: 'Wait, or withdraw the order. An immediate change of the subscription drops it.',
  }),
};

function waitForCmp(order: OrderRecord): Words {
  const { status, reason, cmpStatus } = order;
  if (reason) return { detail: reason.detail, nextStep: reason.nextStep };
  const nextStep = 'Wait: it continues automatically.';
  if (status === 'planned') return { detail: 'The order is about to be checked and sent to CMP.', nextStep };
  if (status === 'sending')
    return { detail: "The order is being sent; waiting for CMP's response.", nextStep };
  if (status === 'unknown')
    return { detail: 'It is unknown whether CMP has the order; it is being searched for there.', nextStep };
  if (status === 'proving')
    return {
      detail: `CMP has completed ${orderName(order)}; the subscription is being read again to confirm it.`,
      nextStep,
    };
  return { detail: `CMP is carrying out ${orderName(order)} (${cmpStatus ?? 'submitted'}).`, nextStep };
}

/** The time at which the order stops waiting or is escalated, in milliseconds, UTC; null if unknown. */
function endOfWait(
  order: OrderRecord,
  { cause, renewalDate }: WaitFacts,
  retryPolicy: RetryPolicy,
): number | null {
  const { requestedAt, lastSentAt, acceptedAt, completedAt, acceptance, clearRefusal, refusalAt } = order;
  const sent = lastSentAt ?? requestedAt;
  switch (cause) {
    case 'another-order':
      return null;
    case 'renewal':
      return renewalDate === null ? null : Date.parse(`${renewalDate}T00:00:00Z`);
    case 'connector-paused':
      return order.status === 'planned' ? startedAt(order) + retryPolicy.confirmWithin : null;
    case 'approval':
      return order.approval?.expiresAt ?? null;
    case 'customer-acceptance':
      return (acceptedAt ?? acceptance?.since ?? requestedAt) + retryPolicy.confirmWithin;
    case 'portal-confirmation':
      return (acceptedAt ?? requestedAt) + retryPolicy.confirmWithin;
    case 'cmp':
      if (order.status === 'sending') return sent + retryPolicy.responseTimeout;
      if (order.status === 'unknown')
        return clearRefusal
          ? (refusalAt ?? sent) + refusedAfter(retryPolicy)
          : sent + resendAfter(retryPolicy, 0);
      if (order.status === 'accepted') return (acceptedAt ?? sent) + retryPolicy.confirmWithin;
      return completedAt === null ? null : completedAt + retryPolicy.readWithin;
  }
}

/** The situation of a new order: who is billed for it, and what it will wait for. */
export interface OrderContext {
  linked: boolean;
  /** For a purchase, true if it would join a default contract; for a change, true if its subscription is on one. */
  underContract: boolean;
  pause: ConnectorPause | null;
  ahead: WaitFacts['ahead'];
  /** The customer; null while CMP has not listed the account. */
  account: OrderAccount | null;
  /** The inputs of the order guard, except for other purchases. */
  guard: Omit<GuardFacts, 'purchases'>;
}

/** The reason why the new order waits until a worker or an approver handles it. */
export const firstWait = ({ pause, ahead }: OrderContext, { status }: OrderRecord): WaitFacts => ({
  cause:
    status === 'awaiting-approval'
      ? 'approval'
      : pause
        ? 'connector-paused'
        : ahead
          ? 'another-order'
          : 'cmp',
  pause,
  ahead,
  renewalDate: null,
});

/** Warnings that nobody would be billed for the order. */
export function billingWarnings(
  { linked, underContract }: OrderContext,
  cmpAccountId: string,
): OrderReason[] {
  if (!linked)
    return [
      reason(
        'account-not-linked',
        `Account ${cmpAccountId} at CMP is not linked to a tenant account, so nobody will be billed for this order.`,
        'Link the provider account to a tenant account and create a billing contract, or order anyway.',
      ),
    ];
  if (underContract) return [];
  return [
    reason(
      'no-billing-contract',
      `Orders for account ${cmpAccountId} at CMP would not be on a billing contract, so nobody would be billed for them.`,
      'Create a default billing contract for the tenant account or assign the subscription to one, or order anyway.',
    ),
  ];
}

/** The fields of a new order that the audit log shows. */
export function auditedPlacement(
  placement: Omit<OrderEventSource, 'id' | 'requestedBy' | 'record'> & {
    consent: Consent;
    quoteId?: string | undefined;
    scheduledChangeId?: string;
  },
  { id, status, spec: wanted }: OrderRecord,
): AuditedChange {
  const { tenantId, consent, connectorId, subscriptionId, quoteId, scheduledChangeId, correlationId } =
    placement;
  const { parameters: _, product, ...spec } = { parameters: null, product: null, ...wanted };
  const { highestTotal, dropScheduledChanges } = consent;
  return {
    ...{ tenantId, action: 'order.place', thing: ['order', id], correlationId },
    after: {
      ...{ ...spec, mpn: product?.mpn, connectorId, subscriptionId, quoteId, scheduledChangeId, status },
      ...{ highestTotal: highestTotal ?? undefined, dropScheduledChanges },
    },
  };
}

/** And of one that a person decides about. */
export const auditedState = ({
  status,
  withdrawRequested,
  cmpOrderId,
  reason: why,
  approval,
}: OrderRecord): object => ({
  status,
  withdrawRequested,
  cmpOrderId,
  reason: why?.code ?? null,
  approval: approval?.decided?.outcome ?? null,
});

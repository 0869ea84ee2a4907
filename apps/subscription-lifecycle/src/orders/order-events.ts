import {
  type OrderFactsV1,
  type OrderOutcome,
  OrderPlacedV1,
  OrderRaisedV1,
  OrderRefusedV1,
  OrderSettledV1,
  type OrderStateV1,
  OrderWithdrawnV1,
} from '@isthmus/contracts';
import { Decimal, type Money } from '@isthmus/domain';
import { event, type NewEvent } from '@isthmus/messaging';
import type { OrderStatus } from './order-lifecycle.ts';
import { describeWait, type OrderStateRow } from './order-wait.ts';
import type { OrderRecord, OrderRow } from './order.ts';
import { defaultRetryPolicy } from './protocol/retry-policy.ts';

/** The fields of a stored order that events need. */
type OrderEventSource = Pick<
  OrderRow,
  'id' | 'tenantId' | 'connectorId' | 'subscriptionId' | 'askedBy' | 'correlationId' | 'record'
>;

type EventBuilder = (row: OrderEventSource, next: OrderRecord, version: number) => NewEvent;

const plain =
  (contract: new () => OrderFactsV1): EventBuilder =>
  (row, next, version) =>
    event(contract, orderFacts(row, next), eventMeta(row, version));

const withReason =
  (contract: typeof OrderRefusedV1 | typeof OrderRaisedV1): EventBuilder =>
  (row, next, version) => {
    const { code, detail, nextStep, correlationId } = next.reason ?? {
      code: 'unknown',
      detail: '-',
      nextStep: '-',
    };
    const reason = { code, detail: detail.slice(0, 4000), nextStep: nextStep.slice(0, 2000), correlationId };
    return event(contract, { ...orderFacts(row, next), reason }, eventMeta(row, version));
  };

/** The event that is published when an order enters a status. */
const eventBuilders: Partial<Record<OrderStatus, EventBuilder>> = {
  accepted: plain(OrderPlacedV1),
  settled: plain(OrderSettledV1),
  withdrawn: plain(OrderWithdrawnV1),
  refused: withReason(OrderRefusedV1),
  'needs-attention': withReason(OrderRaisedV1),
  'completed-not-effective': withReason(OrderRaisedV1),
};

/** The event of a step, or none when it did not bring the order into another status. */
export function orderEvent(row: OrderEventSource, next: OrderRecord, version: number): NewEvent[] {
  if (row.record.status === next.status) return [];
  const tell = eventBuilders[next.status];
  return tell ? [tell(row, next, version)] : [];
}

const eventMeta = ({ tenantId, id, correlationId }: OrderEventSource, version: number) => ({
  tenantId,
  aggregateId: id,
  version,
  correlationId,
});

function orderFacts(
  { id, connectorId, subscriptionId, askedBy }: OrderEventSource,
  next: OrderRecord,
): OrderFactsV1 {
  const { ask } = next;
  const bought = ask.kind === 'create' || ask.kind === 'change-quantity' ? ask : undefined;
  return {
    connectorId,
    orderId: id,
    kind: ask.kind,
    cmpAccountId: ask.cmpAccountId,
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
    askedBy,
  };
}

/** Left out if the contract cannot represent it: an event about money must not block the order. */
const contractMoney = (money: Money | null | undefined): Money | undefined =>
  money && Decimal.is(money.amount) ? money : undefined;

const outcomes: Partial<Record<OrderStatus, OrderOutcome>> = {
  settled: 'settled',
  refused: 'refused',
  withdrawn: 'withdrawn',
  'completed-not-effective': 'raised',
  'needs-attention': 'raised',
};

/** An order as the contract has it. */
export function toOrderState({ id, record, subscriptionId, wait }: OrderStateRow): OrderStateV1 {
  const { ask, status, reason, cmpSubscriptionId, askedAt, finishedAt } = record;
  return {
    orderId: id,
    kind: ask.kind,
    outcome: outcomes[status] ?? 'running',
    reason: reason ?? undefined,
    waiting: wait ? describeWait(record, wait, defaultRetryPolicy) : undefined,
    cmpSubscriptionId: cmpSubscriptionId ?? undefined,
    subscriptionId: subscriptionId ?? undefined,
    askedAt: new Date(askedAt).toISOString(),
    finishedAt: finishedAt === null ? undefined : new Date(finishedAt).toISOString(),
  };
}

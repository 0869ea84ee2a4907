import {
  type AgreedSubscriptionV1,
  type FieldChangeV1,
  SubscriptionChangedV1,
  SubscriptionCreatedV1,
  SubscriptionEndedV1,
  type SubscriptionEndReason,
  type SubscriptionFieldsV1,
  type SubscriptionLineV1,
  SubscriptionTransferredV1,
} from '@isthmus/contracts';
import { type Money, Period } from '@isthmus/domain';
import { event, type Message, type NewEvent } from '@isthmus/messaging';
import { sumOf, times } from '../quotes/quote.ts';
import type { FactChange } from './rules/observe.ts';
import type { SubscriptionRow } from './subscription.entity.ts';
import type { SubscriptionLine, SubscriptionState } from './subscription.ts';

/** The cause of a change: a message, or a command with a correlation id. */
export type Cause = Message | { correlationId: string };
export type ChangeSource = SubscriptionChangedV1['source'];

// Events are built from the row after the change, and take their version from it.

export const createdEvent = (row: SubscriptionRow, cause: Cause): NewEvent =>
  event(SubscriptionCreatedV1, subscriptionFacts(row), eventMeta(row, cause));

export function changedEvent(
  row: SubscriptionRow,
  changes: readonly FactChange[],
  source: ChangeSource,
  cause: Cause,
  orderId?: string,
): NewEvent {
  const data: SubscriptionChangedV1 = {
    ...subscriptionFacts(row),
    changes: changes.map(fieldChange),
    changed: changes.map(({ fact }) => fact),
    source,
    orderId,
  };
  return event(SubscriptionChangedV1, data, eventMeta(row, cause));
}

export function transferredEvent(row: SubscriptionRow, before: SubscriptionRow, cause: Cause): NewEvent {
  const data: SubscriptionTransferredV1 = {
    ...subscriptionFacts(row),
    fromCmpAccountId: before.cmpAccountId,
    fromProviderAccountId: before.providerAccountId ?? undefined,
    providerAccountId: row.providerAccountId ?? undefined,
    fromBillingContractId: before.billingContractId ?? undefined,
  };
  return event(SubscriptionTransferredV1, data, eventMeta(row, cause));
}

export function endedEvent(row: SubscriptionRow, reason: SubscriptionEndReason, cause: Cause): NewEvent {
  const { connectorId, id: subscriptionId, cmpSubscriptionId, status, state } = row;
  const asOf = new Date(state.asOf).toISOString();
  const data = { connectorId, subscriptionId, cmpSubscriptionId, status, reason, asOf };
  return event(SubscriptionEndedV1, data, eventMeta(row, cause));
}

const eventMeta = ({ tenantId, id, version }: SubscriptionRow, { correlationId }: Cause) => ({
  tenantId,
  aggregateId: id,
  version,
  correlationId,
});

/** The fields that all subscription events have in common. */
function subscriptionFacts(row: SubscriptionRow): SubscriptionFieldsV1 {
  const { status, autoRenew, renewalDate, asOf } = row.state;
  return {
    connectorId: row.connectorId,
    subscriptionId: row.id,
    cmpSubscriptionId: row.cmpSubscriptionId,
    cmpAccountId: row.cmpAccountId,
    accountName: row.accountName ?? undefined,
    name: row.name,
    friendlyName: row.friendlyName ?? undefined,
    status,
    autoRenew,
    renewalDate: renewalDate ?? undefined,
    billingContractId: row.billingContractId ?? undefined,
    lines: contractLines(row.state),
    total: subscriptionTotal(row.state) ?? undefined,
    asOf: new Date(asOf).toISOString(),
  };
}

/** Converts the lines to the contract's type; empty while they are unknown. */
export const contractLines = ({ lines }: SubscriptionState): SubscriptionLineV1[] =>
  (lines ?? []).map(contractLine);

/** What all seats cost in a billing period; null if a price is unknown. */
export const subscriptionTotal = ({ lines }: SubscriptionState): Money | null =>
  sumOf(
    (lines ?? []).map(({ unitPrice, seats }) =>
      unitPrice && Number.isSafeInteger(seats) ? times(unitPrice, seats) : null,
    ),
  );

const contractLine = ({
  mpn,
  vendor,
  cmpProductId,
  name,
  seats,
  unitPrice,
  unitCost,
  vendorSubscriptionId,
}: SubscriptionLine): SubscriptionLineV1 => ({
  mpn,
  vendor,
  productId: cmpProductId,
  name,
  quantity: seats,
  unitPrice: unitPrice ?? undefined,
  unitCost: unitCost ?? undefined,
  vendorSubscriptionId: vendorSubscriptionId ?? undefined,
});

/** Formats the values like the corresponding fields of the event. */
function fieldChange({ fact, from, to }: FactChange): FieldChangeV1 {
  const value = (one: unknown): unknown => {
    if (one === null || one === undefined) return undefined;
    if (fact === 'lines') return (one as SubscriptionLine[]).map(contractLine);
    if (fact === 'billingPeriod' || fact === 'term') return Period.print(one as Period);
    return one;
  };
  return { field: fact, from: value(from), to: value(to) };
}

/** Converts a subscription to its contract type; unknown values are omitted, never null. */
export function toAgreedSubscription(row: SubscriptionRow): AgreedSubscriptionV1 {
  const { state } = row;
  return {
    subscriptionId: row.id,
    connectorId: row.connectorId,
    providerAccountId: row.providerAccountId ?? undefined,
    cmpSubscriptionId: row.cmpSubscriptionId,
    cmpAccountId: row.cmpAccountId,
    name: row.name,
    friendlyName: row.friendlyName ?? undefined,
    status: row.status,
    autoRenew: state.autoRenew,
    creationDate: state.creationDate ?? undefined,
    renewalDate: state.renewalDate ?? undefined,
    expirationDate: state.expirationDate ?? undefined,
    billingPeriod: state.billingPeriod ? Period.print(state.billingPeriod) : undefined,
    term: state.term ? Period.print(state.term) : undefined,
    lines: contractLines(state),
    endedAt: row.endedAt?.toISOString(),
    asOf: new Date(state.asOf).toISOString(),
  };
}

import type { AgreedSubscriptionV1 } from '@isthmus/contracts';
import { Period } from '@isthmus/domain';
import { linesOf } from '../persistence/subscription-events.ts';
import type { SubscriptionRow } from '../persistence/subscription-row.ts';

/** A subscription in the words of an answer to another service. */
export function tellAgreed(row: SubscriptionRow): AgreedSubscriptionV1 {
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
    lines: linesOf(state),
    endedAt: row.endedAt?.toISOString(),
    asOf: new Date(state.asOf).toISOString(),
  };
}

import type { CmpSubscription } from '@isthmus/cmp-client';
import {
  ProviderSubscriptionAppearedV1,
  ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
  type SubscriptionLineV1,
} from '@isthmus/contracts';
import { event, type NewEvent } from '@isthmus/messaging';
import { mirrorId, type ChangeOrigin, type MirrorChange } from '@isthmus/sync-engine';

/** What is said of a subscription; `lines` is undefined while only the list was read. */
export function subscriptionEvent<T extends CmpSubscription>(
  { kind, id, version, value, changed, changes }: MirrorChange<T>,
  lines: SubscriptionLineV1[] | undefined,
  origin: ChangeOrigin,
): NewEvent {
  const facts = { tenantId: origin.tenantId, aggregateId: id, version };
  const ids = {
    connectorId: origin.connectorId,
    providerSubscriptionId: id,
    cmpSubscriptionId: value.id,
    cmpAccountId: value.customerId,
    providerAccountId: mirrorId(origin, 'provider-account', value.customerId),
    status: value.status,
    asOf: origin.asOf,
  };
  if (kind === 'ended') {
    const reason = value.status === 'removed' ? 'removed' : 'terminated';
    return event(ProviderSubscriptionEndedV1, { ...ids, reason }, facts);
  }
  const data = {
    ...ids,
    name: value.name ?? '',
    autoRenew: value.renewalStatus ?? false,
    creationDate: value.creationDate,
    renewalDate: value.renewalDate,
    expirationDate: value.expirationDate,
    billingPeriod: value.billingPeriod,
    term: value.subscriptionPeriod,
    quantityKnown: lines !== undefined,
    lines: lines ?? [],
  };
  return kind === 'appeared'
    ? event(ProviderSubscriptionAppearedV1, data, facts)
    : event(ProviderSubscriptionChangedV1, { ...data, changed, changes }, facts);
}

/** What is said of a subscription that a complete listing no longer has. */
export function subscriptionNoLongerListed(row: Record<string, unknown>, origin: ChangeOrigin): NewEvent {
  const { id, cmp_id, cmp_account_id, provider_account_id, version } = row as Record<string, string>;
  const data = {
    connectorId: origin.connectorId,
    providerSubscriptionId: id!,
    cmpSubscriptionId: cmp_id!,
    cmpAccountId: cmp_account_id!,
    providerAccountId: provider_account_id!,
    status: 'no-longer-listed',
    reason: 'no-longer-listed' as const,
    asOf: origin.asOf,
  };
  return event(ProviderSubscriptionEndedV1, data, {
    tenantId: origin.tenantId,
    aggregateId: id!,
    version: Number(version),
  });
}

import { defineEntity, p } from '@mikro-orm/core';
import type { SubscriptionLineV1 } from '@isthmus/contracts';

const schema = defineEntity({
  name: 'ProviderSubscription',
  tableName: 'provider_subscriptions',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpId: p.text(),
    cmpAccountId: p.text(),
    /** Our id of the account, whether or not CMP has listed it yet. */
    providerAccountId: p.uuid(),
    name: p.text(),
    /** CMP's word: pending, active, hold, terminated, removed, unknown. */
    status: p.text(),
    autoRenew: p.boolean().nullable(),
    creationDate: p.text().columnType('date').nullable(),
    renewalDate: p.text().columnType('date').nullable(),
    expirationDate: p.text().columnType('date').nullable(),
    lastModifiedDate: p.text().columnType('date').nullable(),
    billingModel: p.text().nullable(),
    /** ISO 8601 durations, e.g. P1M and P1Y. */
    billingPeriod: p.text().nullable(),
    term: p.text().nullable(),
    /** Sum over the lines; null until the detail was read, as CMP's lists carry no quantities. */
    quantity: p.integer().nullable(),
    lines: p.json<SubscriptionLineV1[]>().columnType('json').nullable(),
    planId: p.text().nullable(),
    microsoftDomain: p.text().nullable(),
    microsoftTenantId: p.text().nullable(),
    detailHash: p.uuid().nullable(),
    /** When something said that the detail may have changed; null when it is as known. */
    detailWantedAt: p.datetime().nullable(),
    /** When the detail was last read. */
    detailConfirmedAt: p.datetime().nullable(),
    detailFailure: p.text().nullable(),
    hash: p.uuid(),
    readAt: p.datetime(),
    goneAt: p.datetime().nullable(),
    /** Why it is gone though CMP never said that it has ended: `no-longer-listed`, `connector-removed`. */
    goneReason: p.text().nullable(),
    version: p.integer().version(),
  },
});

/** A subscription at CMP as last read. */
export class ProviderSubscription extends schema.class {}
schema.setClass(ProviderSubscription);

import type { ProviderOrderLineV1, SubscriptionLineV1 } from '@isthmus/contracts';
import { defineEntity, p } from '@mikro-orm/core';

/** A subscription at CMP as last read. */
export const ProviderSubscription = defineEntity({
  name: 'ProviderSubscription',
  tableName: 'provider_subscriptions',
  indexes: [
    {
      name: 'provider_subscriptions_by_account',
      properties: ['tenantId', 'connectorId', 'providerAccountId'],
    },
    {
      name: 'provider_subscriptions_wanted',
      expression: `create index provider_subscriptions_wanted on provider_subscriptions
          (connector_id, (announced_version is not null), detail_wanted_at, id) where detail_wanted_at is not null`,
    },
    {
      name: 'provider_subscriptions_unread',
      expression: `create index provider_subscriptions_unread on provider_subscriptions (connector_id, provider_account_id)
          where lines is null and gone_at is null`,
    },
    {
      name: 'provider_subscriptions_live',
      expression: `create index provider_subscriptions_live on provider_subscriptions (tenant_id, connector_id, provider_account_id, id)
          where gone_at is null and status in ('pending', 'active', 'hold', 'unknown')`,
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpId: p.text(),
    cmpAccountId: p.text(),
    /** Our id of the account, whether or not CMP has listed it yet. */
    providerAccountId: p.uuid(),
    name: p.text(),
    /** CMP's value: pending, active, hold, terminated, removed, unknown. */
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
    /** Sum over the lines; null until the detail has been read, because CMP's lists contain no quantities. */
    quantity: p.integer().nullable(),
    lines: p.json<SubscriptionLineV1[]>().columnType('json').nullable(),
    planId: p.text().nullable(),
    microsoftDomain: p.text().nullable(),
    microsoftTenantId: p.text().nullable(),
    detailHash: p.uuid().nullable(),
    /** Time from which the detail may have changed; null if it is up to date. */
    detailWantedAt: p.datetime().nullable(),
    /** Time at which the detail was last read. */
    detailConfirmedAt: p.datetime().nullable(),
    detailFailure: p.text().nullable(),
    /** Readings of the detail that failed one after the other; the next one waits longer with each. */
    detailFailures: p.integer().default(0),
    /** The version with which it was first announced; null while it is stored but not published. */
    announcedVersion: p.integer().nullable(),
    hash: p.uuid(),
    /** Digest of CMP's JSON for it in the list, and the hash that resulted: while the row has that hash, this JSON need not be read again. */
    listedDigest: p.uuid().nullable(),
    listedHash: p.uuid().nullable(),
    readAt: p.datetime(),
    goneAt: p.datetime().nullable(),
    /** Reason if CMP never reported its end: `no-longer-listed`, `connector-removed`. */
    goneReason: p.text().nullable(),
    version: p.integer().version(),
  },
});

/** An order at CMP as last read, no matter who placed it. */
export const ProviderOrder = defineEntity({
  name: 'ProviderOrder',
  tableName: 'provider_orders',
  indexes: [
    {
      name: 'provider_orders_open',
      expression: `create index provider_orders_open on provider_orders (connector_id, status)
          where status in ('submitted', 'processing') or subscription_due`,
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpId: p.text(),
    orderNumber: p.text().nullable(),
    /** sales, change, renewal, cancellation, migration, unknown. */
    type: p.text(),
    /** submitted, processing, completed, error, cancelled. */
    status: p.text(),
    statusCode: p.text().nullable(),
    cmpAccountId: p.text().nullable(),
    creationDate: p.datetime().nullable(),
    provisioningDate: p.datetime().nullable(),
    /** Only the order's detail contains the subscription. */
    cmpSubscriptionId: p.text().nullable(),
    /** CMP's value, from the order's detail: `renewal` for a change that waits for the end of the term. */
    scheduledOn: p.text().nullable(),
    /** The order's effect on each product, from its detail; null while only the list has been read. */
    lines: p.json<ProviderOrderLineV1[]>().columnType('json').nullable(),
    /** CMP has completed it, and the subscription it touched still has to be read. */
    subscriptionDue: p.boolean().default(false),
    hash: p.uuid(),
    readAt: p.datetime(),
    goneAt: p.datetime().nullable(),
    version: p.integer().version(),
  },
});

/** The position up to which the orders of a connector have been read. */
export const OrderCursor = defineEntity({
  name: 'OrderCursor',
  tableName: 'order_cursors',
  properties: {
    connectorId: p.uuid().primary(),
    tenantId: p.uuid(),
    /** Creation time of the newest order read: where the next tick starts. */
    newest: p.datetime(),
    /** CMP ids of orders that could not be stored: each tick reads some of them again. */
    unread: p.array().columnType('text[]').default([]),
  },
});

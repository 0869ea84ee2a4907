import type { ProviderOrderLineV1 } from '@isthmus/contracts';
import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyTable } from '@mikro-orm/postgresql';
import type { Selectable } from 'kysely';
import type { FactChange } from './rules/observe.ts';
import { assignments, type SubscriptionState } from './subscription.ts';

export const Subscription = defineEntity({
  name: 'Subscription',
  tableName: 'subscriptions',
  uniques: [
    {
      name: 'subscriptions_at_cmp',
      // `properties` would make it a constraint.
      expression:
        'create unique index subscriptions_at_cmp on subscriptions (tenant_id, connector_id, cmp_subscription_id)',
    },
  ],
  indexes: [
    { name: 'subscriptions_look', properties: ['lookAt'], where: 'look_at is not null' },
    { name: 'subscriptions_of_account', properties: ['providerAccountId'] },
    {
      // Each news of an account looks for subscriptions that came before it.
      name: 'subscriptions_without_account',
      properties: ['tenantId', 'connectorId', 'cmpAccountId'],
      where: 'provider_account_id is null',
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpSubscriptionId: p.text(),
    cmpAccountId: p.text(),
    providerAccountId: p.uuid().strictNullable(),
    name: p.text(),
    friendlyName: p.text().strictNullable(),
    status: p.text(),
    state: p.json<SubscriptionState>().columnType('json'),
    billingContractId: p.uuid().strictNullable(),
    assignment: p.enum(assignments).default('default'),
    /** True if its creation has been published; nothing else about it is published before. */
    announced: p.boolean().default(true),
    endedAt: p.datetime().strictNullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    version: p.integer().default(1),
    /** Time at which due warnings are checked next; null: never, unless the subscription changes. */
    lookAt: p.datetime().strictNullable().defaultRaw('now()'),
    /** The rules of warnings that it was looked at with. */
    lookedWith: p.text().strictNullable(),
  },
});

/** A subscription as it is read. */
export type SubscriptionRow = Omit<
  Selectable<InferKyselyTable<typeof Subscription, { columnNamingStrategy: 'property' }>>,
  'createdAt' | 'lookAt' | 'lookedWith'
> & {
  /** Null while the account has not been listed. */
  accountName: string | null;
};

/** The source of a change: CMP, an order of ours, a user, or a rule of ours. */
const changeSources = ['cmp', 'order', 'person', 'default-contract', 'account-link'] as const;

/** Every change of a subscription. */
export const SubscriptionHistory = defineEntity({
  name: 'SubscriptionHistory',
  tableName: 'subscription_history',
  indexes: [{ name: 'subscription_history_of_subscription', properties: ['subscriptionId', 'id'] }],
  properties: {
    id: p.bigint('string').primary().columnType('bigint').autoincrement().generated('identity'),
    tenantId: p.uuid(),
    subscriptionId: () =>
      p.manyToOne(Subscription).mapToPk().joinColumn('subscription_id').deleteRule('cascade'),
    at: p.datetime().defaultRaw('now()'),
    source: p.enum(changeSources),
    by: p.text(),
    orderId: p.uuid().strictNullable(),
    correlationId: p.text(),
    changes: p.json<FactChange[]>().columnType('json'),
  },
});

/** An order at CMP, whoever placed it: only orders explain when a term began or seats were added. */
export const ProviderOrder = defineEntity({
  name: 'ProviderOrder',
  tableName: 'provider_orders',
  properties: {
    connectorId: p.uuid().primary(),
    cmpOrderId: p.text().primary(),
    tenantId: p.uuid(),
    cmpSubscriptionIds: p.array(),
    orderNumber: p.text().strictNullable(),
    type: p.text(),
    status: p.text(),
    createdAt: p.datetime().strictNullable(),
    /** Time at which it was seen completed. */
    doneAt: p.datetime().strictNullable(),
    /** `YYYY-MM-DD`, or another text from CMP; null unless it waits for the renewal. */
    scheduledOn: p.text().strictNullable(),
    upgrade: p.boolean().default(false),
    lines: p.json<ProviderOrderLineV1[]>().columnType('json').strictNullable(),
    version: p.integer(),
  },
});

/**
 * Maps subscriptions to the orders that concern them, the inverse of `cmpSubscriptionIds`: with row-level security, an index over
 * an array would not be used.
 */
export const ProviderOrderSubscription = defineEntity({
  name: 'ProviderOrderSubscription',
  tableName: 'provider_order_subscriptions',
  properties: {
    connectorId: p.uuid().primary(),
    cmpSubscriptionId: p.text().primary(),
    cmpOrderId: p.text().primary(),
    tenantId: p.uuid(),
  },
});

/** A row as read. */
export type ProviderOrderRow = Selectable<
  InferKyselyTable<typeof ProviderOrder, { columnNamingStrategy: 'property' }>
>;

/**
 * A warning that was published, so that it is published only once. Window warnings are per product line: lines of one purchase
 * close at the same moment.
 */
export const PublishedWarning = defineEntity({
  name: 'PublishedWarning',
  tableName: 'warnings_told',
  indexes: [{ name: 'warnings_told_about', properties: ['about'] }],
  properties: {
    subscriptionId: () =>
      p.manyToOne(Subscription).mapToPk().primary().joinColumn('subscription_id').deleteRule('cascade'),
    tenantId: p.uuid(),
    kind: p.text().primary(),
    about: p.datetime().primary(),
    ahead: p.integer().primary(),
    toldAt: p.datetime().defaultRaw('now()'),
    line: p.text().primary().default(''),
  },
});

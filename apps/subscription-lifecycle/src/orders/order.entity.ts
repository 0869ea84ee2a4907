import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyTable } from '@mikro-orm/postgresql';
import type { Selectable } from 'kysely';
import { finalStatuses, orderStatuses } from './order-lifecycle.ts';
import { orderKinds, type OrderReason, type OrderRecord, type WaitFacts } from './order.ts';

const open = `status not in (${finalStatuses.map((status) => `'${status}'`).join(', ')})`;

/** An order, with its record as JSON; other columns exist for searching, locking or counting. */
export const Order = defineEntity({
  name: 'Order',
  tableName: 'orders',
  uniques: [
    // `properties` would make them constraints.
    {
      name: 'orders_of_quote',
      expression: 'create unique index orders_of_quote on orders (quote_id) where quote_id is not null',
    },
    {
      name: 'orders_of_scheduled_change',
      expression:
        'create unique index orders_of_scheduled_change on orders (scheduled_change_id) where scheduled_change_id is not null',
    },
  ],
  indexes: [
    { name: 'orders_due', properties: ['nextStepAt'], where: 'next_step_at is not null' },
    { name: 'orders_queue', properties: ['connectorId', 'queue', 'position'], where: open },
    { name: 'orders_newest', columns: [{ name: 'tenantId' }, { name: 'position', sort: 'desc' }] },
    {
      name: 'orders_of_subscription',
      // Together with the tenant: otherwise PostgreSQL may combine it with all orders of the tenant, while it has no statistics.
      columns: [{ name: 'tenantId' }, { name: 'subscriptionId' }, { name: 'position', sort: 'desc' }],
      where: 'subscription_id is not null',
    },
    {
      // Every command for an immediate change asks whether something would be lost by it; a queue may be thousands long.
      name: 'orders_for_renewal',
      properties: ['subscriptionId'],
      where: `kind = 'change-quantity' and ${open} and record -> 'spec' ->> 'when' = 'renewal'`,
    },
    {
      name: 'orders_recent_purchases',
      properties: ['connectorId', 'createdAt'],
      where: `kind = 'create'`,
    },
    {
      name: 'orders_by_cmp_subscription',
      expression: `create index orders_by_cmp_subscription on orders (connector_id, cmp_subscription_id)
        where status = 'settled' and kind in ('create', 'change-quantity')`,
    },
    {
      name: 'orders_purchases_of_account',
      expression: `create index orders_purchases_of_account on orders (connector_id, cmp_account_id)
        where kind = 'create' and status = 'settled'`,
    },
    {
      name: 'orders_by_cmp_order',
      properties: ['connectorId', 'cmpOrderId'],
      where: 'cmp_order_id is not null',
    },
    {
      name: 'orders_unproved_by_cmp_order',
      expression: `create index orders_unproved_by_cmp_order on orders (connector_id, cmp_order_id)
        where status <> 'settled'`,
    },
  ],
  properties: {
    id: p.uuid().primary(),
    /** Order of arrival; within a queue that of the commits. */
    position: p.bigint('string').columnType('bigint').autoincrement().generated('identity'),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    /** Orders of one queue run one after the other, see `queueKey`. */
    queue: p.text(),
    kind: p.enum(orderKinds),
    status: p.enum(orderStatuses),
    record: p.json<OrderRecord>().columnType('json'),
    // Out of the record, to be searched by: where rows are hidden from other tenants, no index over an expression of JSON is used.
    cmpOrderId: p.text().strictNullable().generated(`(record ->> 'cmpOrderId') stored`),
    cmpSubscriptionId: p.text().strictNullable().generated(`(record ->> 'cmpSubscriptionId') stored`),
    cmpAccountId: p
      .text()
      .strictNullable()
      .generated(`(((record -> 'spec'::text) ->> 'cmpAccountId'::text)) stored`),
    /** Null while nothing is to be done about it. */
    nextStepAt: p.datetime().strictNullable(),
    /** Grows with every claim; writes with an older token are rejected. */
    fence: p.integer().default(0),
    leasedUntil: p.datetime().strictNullable(),
    leasedBy: p.text().strictNullable(),
    version: p.integer().default(1),
    subscriptionId: p.uuid().strictNullable(),
    /** The scheduled change that it carries out. */
    scheduledChangeId: p.uuid().strictNullable(),
    /** The quote that was agreed to. */
    quoteId: p.uuid().strictNullable(),
    requestedBy: p.text(),
    correlationId: p.text(),
    /** W3C traceparent of the command: what workers do about the order, hours later too, belongs to its trace. */
    traceparent: p.text().strictNullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
});

/** An order as it is read. */
export type OrderRow = Omit<
  Selectable<InferKyselyTable<typeof Order, { columnNamingStrategy: 'property' }>>,
  'cmpOrderId' | 'cmpSubscriptionId' | 'cmpAccountId'
> & {
  /** The reason why it waits, if that was read; null if it does not wait. */
  wait?: WaitFacts | null;
  /** The subscription that a purchase made, if it was read; null while none is known. */
  madeSubscriptionId?: string | null;
  /** The name of the subscription that it changes, if it was read. */
  subscriptionName?: string | null;
  /** The customer, if it was read; null while CMP has not listed the account. */
  account?: OrderAccount | null;
};

/** The customer an order is for. */
export interface OrderAccount {
  id: string;
  name: string | null;
}

/** Every status an order had, and why. */
export const OrderHistory = defineEntity({
  name: 'OrderHistory',
  tableName: 'order_history',
  indexes: [{ name: 'order_history_of_order', properties: ['orderId', 'id'] }],
  properties: {
    id: p.bigint('string').primary().columnType('bigint').autoincrement().generated('identity'),
    tenantId: p.uuid(),
    orderId: () => p.manyToOne(Order).mapToPk().joinColumn('order_id').deleteRule('cascade'),
    at: p.datetime().defaultRaw('now()'),
    status: p.text().$type<OrderRecord['status']>(),
    reason: p.json<OrderReason>().columnType('json').strictNullable(),
    by: p.text(),
  },
});

/** The longest time after which CMP ever showed an order, by connector: nothing is sent again sooner. */
export const CmpPace = defineEntity({
  name: 'CmpPace',
  tableName: 'cmp_pace',
  properties: {
    connectorId: p.uuid().primary(),
    tenantId: p.uuid(),
    longestSeenMs: p.bigint('number'),
  },
});

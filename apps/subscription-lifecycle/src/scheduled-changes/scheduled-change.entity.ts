import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyTable } from '@mikro-orm/postgresql';
import type { Selectable } from 'kysely';
import { Order } from '../orders/order.entity.ts';
import type { OrderReason } from '../orders/order.ts';
import { Subscription } from '../subscriptions/subscription.entity.ts';
import { scheduledKinds, scheduledStatuses } from './scheduled-change.ts';

export const ScheduledChange = defineEntity({
  name: 'ScheduledChange',
  tableName: 'scheduled_changes',
  uniques: [{ name: 'scheduled_changes_instead_of_order_key', properties: ['insteadOfOrderId'] }],
  indexes: [
    { name: 'scheduled_changes_due', properties: ['nextTryAt'], where: 'next_try_at is not null' },
    { name: 'scheduled_changes_newest', columns: [{ name: 'tenantId' }, { name: 'position', sort: 'desc' }] },
    {
      name: 'scheduled_changes_of_subscription',
      columns: [{ name: 'subscriptionId' }, { name: 'position', sort: 'desc' }],
    },
  ],
  properties: {
    id: p.uuid().primary(),
    position: p.bigint('string').columnType('bigint').autoincrement().generated('identity'),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    subscriptionId: () => p.manyToOne(Subscription).mapToPk().joinColumn('subscription_id'),
    kind: p.enum(scheduledKinds),
    seats: p.integer().strictNullable(),
    autoRenew: p.boolean().strictNullable(),
    mpn: p.text().strictNullable(),
    /** Terms of the subscription when the change was scheduled (ISO 8601); null if unknown. */
    term: p.text().strictNullable(),
    billingPeriod: p.text().strictNullable(),
    /** Null: for the renewal. */
    dueAt: p.datetime().strictNullable(),
    dropScheduledChanges: p.boolean().fieldName('drop_scheduled').default(false),
    status: p.enum(scheduledStatuses),
    reason: p.json<OrderReason>().columnType('json').strictNullable(),
    /** The order that carries it out. */
    orderId: () =>
      p.manyToOne(Order).mapToPk().joinColumn('order_id').strictNullable().deleteRule('no action'),
    /** The order that was wiped out, of one that is proposed again. */
    insteadOfOrderId: () =>
      p.manyToOne(Order).mapToPk().joinColumn('instead_of_order').strictNullable().deleteRule('no action'),
    /** Null unless it is planned. */
    nextTryAt: p.datetime().strictNullable(),
    version: p.integer().default(1),
    requestedBy: p.text(),
    correlationId: p.text(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
});

/** A scheduled change as it is read. */
export type ScheduledChangeRow = Selectable<
  InferKyselyTable<typeof ScheduledChange, { columnNamingStrategy: 'property' }>
>;

import { defineEntity, p } from '@mikro-orm/core';

export const mappingStates = ['unmapped', 'ambiguous', 'mapped', 'excluded'] as const;
export type MappingState = (typeof mappingStates)[number];

/** A person has to decide what they stand for. */
export const waitingStates: readonly MappingState[] = ['unmapped', 'ambiguous'];

const schema = defineEntity({
  name: 'KnownPartNumber',
  tableName: 'part_numbers',
  uniques: [
    {
      name: 'part_numbers_one',
      // `properties` would make it a constraint.
      expression:
        'create unique index part_numbers_one on part_numbers (connector_id, part_number_key, billing_period, term)',
    },
  ],
  indexes: [
    {
      name: 'part_numbers_by_state',
      properties: ['tenantId', 'connectorId', 'state', 'partNumberKey', 'id'],
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    partNumber: p.text(),
    partNumberKey: p.text(),
    billingPeriod: p.text(),
    term: p.text(),
    state: p.enum(mappingStates),
    /** The product it resolves to. */
    productId: p.uuid().strictNullable(),
    /** Tells whether a mapping or the rule decided. */
    decidedBy: p.enum(['mapping', 'rule'] as const).strictNullable(),
    candidateCount: p.integer(),
    reason: p.text().strictNullable(),
    /** A product name seen with it, for suggestions. */
    seenName: p.text().strictNullable(),
    firstSeenAt: p.datetime(),
    judgedAt: p.datetime(),
  },
});

/** A part number in use (by a subscription, an order, an import), with the periods it is used with, and what it resolves to. */
export class KnownPartNumber extends schema.class {}
schema.setClass(KnownPartNumber);

const useSchema = defineEntity({
  name: 'SubscriptionUse',
  tableName: 'subscription_uses',
  indexes: [
    { name: 'subscription_uses_by_part_number', properties: ['partNumberId'] },
    { name: 'subscription_uses_by_product', properties: ['connectorId', 'cmpProductId'] },
  ],
  properties: {
    providerSubscriptionId: p.uuid().primary(),
    line: p.integer().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpSubscriptionId: p.text(),
    providerAccountId: p.uuid().strictNullable(),
    partNumberId: p.uuid(),
    /** CMP's product id of the line. */
    cmpProductId: p.text(),
    name: p.text(),
    quantity: p.decimal('number').columnType('numeric'),
    status: p.text(),
  },
});

/** A line of a provider subscription: which part number it uses. Published by account-sync. */
export class SubscriptionUse extends useSchema.class {}
useSchema.setClass(SubscriptionUse);

const seenSchema = defineEntity({
  name: 'SeenSubscription',
  tableName: 'seen_subscriptions',
  properties: {
    providerSubscriptionId: p.uuid().primary(),
    tenantId: p.uuid(),
    /** Version of the subscription at its owner; older events are ignored. */
    version: p.integer(),
  },
});

/** Up to which version this service knows a provider subscription. */
export class SeenSubscription extends seenSchema.class {}
seenSchema.setClass(SeenSubscription);

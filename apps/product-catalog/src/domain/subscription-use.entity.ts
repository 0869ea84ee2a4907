import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'SubscriptionUse',
  tableName: 'subscription_uses',
  properties: {
    providerSubscriptionId: p.uuid().primary(),
    line: p.integer().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpSubscriptionId: p.text(),
    providerAccountId: p.uuid().nullable(),
    partNumberId: p.uuid(),
    /** CMP's product id of the line. */
    cmpProductId: p.text(),
    name: p.text(),
    quantity: p.decimal().columnType('numeric'),
    status: p.text(),
  },
});

/** A line of a provider subscription: which part number it uses. Told by account-sync. */
export class SubscriptionUse extends schema.class {}
schema.setClass(SubscriptionUse);

import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'BillingContract',
  tableName: 'billing_contracts',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    tenantAccountId: p.text(),
    name: p.text(),
    currency: p.text(),
    startDate: p.text().columnType('date'),
    endDate: p.text().columnType('date').nullable(),
    isDefault: p.boolean(),
    createdAt: p.datetime(),
    createdBy: p.text(),
    version: p.integer().version(),
  },
});

/** The terms under which a tenant account is billed; newly synced subscriptions land on the default one. */
export class BillingContract extends schema.class {}
schema.setClass(BillingContract);

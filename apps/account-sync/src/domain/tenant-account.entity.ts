import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'TenantAccount',
  tableName: 'tenant_accounts',
  properties: {
    tenantId: p.uuid().primary(),
    /** Work 365's id of the account. */
    id: p.text().primary(),
    name: p.text(),
    domains: p.array(),
    emails: p.array(),
    taxRegId: p.text().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    version: p.integer().version(),
  },
});

/** The customer as Work 365 knows it; provider accounts are linked to it. */
export class TenantAccount extends schema.class {}
schema.setClass(TenantAccount);

import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

export interface AccountAddress {
  streetAddress?: string;
  addressExtension?: string;
  postalCode?: string;
  city?: string;
  state?: string;
  countryCode?: string;
}

/** CMP's customer record as last read, plus the fields that we manage: custom domain, link, sync switch. */
export const ProviderAccount = defineEntity({
  name: 'ProviderAccount',
  tableName: 'provider_accounts',
  indexes: [
    { name: 'provider_accounts_by_connector', properties: ['tenantId', 'connectorId', 'name', 'id'] },
    { name: 'provider_accounts_by_name', properties: ['tenantId', 'name', 'id'] },
    {
      name: 'provider_accounts_by_tenant_account',
      expression: `create index provider_accounts_by_tenant_account on provider_accounts (tenant_id, tenant_account_id)
          where tenant_account_id is not null`,
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpId: p.text(),
    name: p.text(),
    externalId: p.text().nullable(),
    /** CMP's value: pending, active, creditHold, adminHold, cancelled, error. */
    status: p.text(),
    email: p.text().nullable(),
    contactName: p.text().nullable(),
    taxRegId: p.text().nullable(),
    address: p.json<AccountAddress>().columnType('json').nullable(),
    /** The account's `*.onmicrosoft.com` domain; CMP no longer overwrites it once a user has edited it. */
    customDomain: p.text().nullable(),
    customDomainSource: p.enum(['cmp', 'manual'] as const).nullable(),
    syncEnabled: p.boolean().default(true),
    /** Time at which its sync was last enabled: runs before that did not read its subscriptions. */
    syncEnabledAt: p.datetime().nullable(),
    tenantAccountId: p.text().nullable(),
    linkedAt: p.datetime().nullable(),
    linkedBy: p.text().nullable(),
    hash: p.uuid(),
    readAt: p.datetime(),
    goneAt: p.datetime().nullable(),
    /** `connector-removed` if the connector was removed; null if CMP stopped listing the account. */
    goneReason: p.text().nullable(),
    version: p.integer().version(),
  },
});
export type ProviderAccount = InferEntity<typeof ProviderAccount>;

/** The customer as Work 365 knows it; provider accounts are linked to it. */
export const TenantAccount = defineEntity({
  name: 'TenantAccount',
  tableName: 'tenant_accounts',
  properties: {
    tenantId: p.uuid().primary(),
    /** Work 365's id of the account. */
    id: p.text().primary(),
    name: p.text(),
    domains: p.array().columnType('text[]').default([]),
    emails: p.array().columnType('text[]').default([]),
    taxRegId: p.text().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    version: p.integer().version(),
  },
});
export type TenantAccount = InferEntity<typeof TenantAccount>;

/** The terms under which a tenant account is billed; new subscriptions are assigned to the default contract. */
export const BillingContract = defineEntity({
  name: 'BillingContract',
  tableName: 'billing_contracts',
  indexes: [
    { name: 'billing_contracts_by_account', properties: ['tenantId', 'tenantAccountId'] },
    {
      name: 'billing_contracts_one_default',
      expression: `create unique index billing_contracts_one_default on billing_contracts (tenant_id, tenant_account_id) where is_default`,
    },
  ],
  checks: [{ expression: 'end_date >= start_date' }],
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
export type BillingContract = InferEntity<typeof BillingContract>;

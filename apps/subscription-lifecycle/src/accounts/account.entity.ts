import type { OrderGuardV1 } from '@isthmus/contracts';
import { defineEntity, p } from '@mikro-orm/core';

/** A provider account as account-sync has it, as far as orders and events need it. */
export const ProviderAccount = defineEntity({
  name: 'ProviderAccount',
  tableName: 'provider_accounts',
  indexes: [{ name: 'provider_accounts_at_cmp', properties: ['connectorId', 'cmpAccountId'] }],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpAccountId: p.text(),
    status: p.text(),
    name: p.text().strictNullable(),
    customDomain: p.text().strictNullable(),
    version: p.integer(),
  },
});

/** The tenant account to which a provider account is linked; null after it was unlinked. */
export const AccountLink = defineEntity({
  name: 'AccountLink',
  tableName: 'account_links',
  indexes: [{ name: 'account_links_of_tenant_account', properties: ['tenantId', 'tenantAccountId'] }],
  properties: {
    providerAccountId: p.uuid().primary(),
    tenantId: p.uuid(),
    tenantAccountId: p.text().strictNullable(),
    version: p.integer(),
  },
});

export const BillingContract = defineEntity({
  name: 'BillingContract',
  tableName: 'billing_contracts',
  indexes: [{ name: 'billing_contracts_of_tenant_account', properties: ['tenantId', 'tenantAccountId'] }],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    tenantAccountId: p.text(),
    isDefault: p.boolean(),
    version: p.integer(),
  },
});

/** Pauses of connectors, with their reasons, which their orders show while they wait. */
export const PauseState = defineEntity({
  name: 'PauseState',
  tableName: 'connector_pauses',
  properties: {
    connectorId: p.uuid().primary(),
    tenantId: p.uuid(),
    paused: p.boolean(),
    automatic: p.boolean(),
    detail: p.text(),
    nextStep: p.text(),
    by: p.text(),
    version: p.integer(),
  },
});

/** Connectors that were removed; `removed` becomes false if one is restored. */
export const RemovalState = defineEntity({
  name: 'RemovalState',
  tableName: 'connector_removals',
  properties: {
    connectorId: p.uuid().primary(),
    tenantId: p.uuid(),
    removed: p.boolean(),
    version: p.integer(),
  },
});

/** The limits above which an order of a connector needs a quote or an approval; the defaults apply if there is no row. */
export const GuardSettings = defineEntity({
  name: 'GuardSettings',
  tableName: 'connector_guards',
  properties: {
    connectorId: p.uuid().primary(),
    tenantId: p.uuid(),
    guard: p.json<OrderGuardV1>().columnType('json'),
    version: p.integer(),
  },
});

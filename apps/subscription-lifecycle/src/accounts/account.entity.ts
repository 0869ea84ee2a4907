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

/** Which tenant account a provider account is linked to; null after it was unlinked. */
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

/** Whether a connector is paused, and why: its orders say that they wait for it. */
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

/** Whether a connector was removed; one that was set up again is not any more. */
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

/** Which orders of a connector need a quote or an approval; without a row the default applies. */
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

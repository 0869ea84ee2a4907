import { currentCorrelationId } from '@isthmus/service-kit';
import { defineEntity, p } from '@mikro-orm/core';

export interface AccountAddress {
  streetAddress?: string;
  addressExtension?: string;
  postalCode?: string;
  city?: string;
  state?: string;
  countryCode?: string;
}

const schema = defineEntity({
  name: 'ProviderAccount',
  tableName: 'provider_accounts',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpId: p.text(),
    name: p.text(),
    externalId: p.text().nullable(),
    /** CMP's word: pending, active, creditHold, adminHold, cancelled, error. */
    status: p.text(),
    email: p.text().nullable(),
    contactName: p.text().nullable(),
    taxRegId: p.text().nullable(),
    address: p.json<AccountAddress>().columnType('json').nullable(),
    /** The `*.onmicrosoft.com` of the account; locally owned once edited by hand. */
    customDomain: p.text().nullable(),
    customDomainSource: p.enum(['cmp', 'manual'] as const).nullable(),
    syncEnabled: p.boolean().default(true),
    /** When it was last switched on again: runs before that say nothing about its subscriptions. */
    syncEnabledAt: p.datetime().nullable(),
    tenantAccountId: p.text().nullable(),
    linkedAt: p.datetime().nullable(),
    linkedBy: p.text().nullable(),
    hash: p.uuid(),
    readAt: p.datetime(),
    goneAt: p.datetime().nullable(),
    /** Why it is gone though CMP never said that it has ended: `connector-removed`; otherwise CMP no longer lists it. */
    goneReason: p.text().nullable(),
    version: p.integer().version(),
  },
});

/** CMP's customer record as last read, with what belongs to us: domain, link, switch. */
export class ProviderAccount extends schema.class {}

schema.setClass(ProviderAccount);

export const accountEventFacts = ({ id: aggregateId, tenantId, version }: ProviderAccount) => ({
  tenantId,
  aggregateId,
  version,
  correlationId: currentCorrelationId(),
});

import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'ProviderOrder',
  tableName: 'provider_orders',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpId: p.text(),
    orderNumber: p.text().nullable(),
    /** sales, change, renewal, cancellation, migration, unknown. */
    type: p.text(),
    /** submitted, processing, completed, error, cancelled. */
    status: p.text(),
    statusCode: p.text().nullable(),
    cmpAccountId: p.text().nullable(),
    creationDate: p.datetime().nullable(),
    provisioningDate: p.datetime().nullable(),
    /** Only the order's detail names the subscription. */
    cmpSubscriptionId: p.text().nullable(),
    /** CMP's word, by the order's detail: `renewal` for a change that waits for the end of the term. */
    scheduledOn: p.text().nullable(),
    /** What it does to which product, by the order's detail; null while only the list was read. */
    lines: p.json().nullable(),
    /** It is done at CMP, and which subscription it touched is still to be found out. */
    subscriptionDue: p.boolean().default(false),
    hash: p.uuid(),
    readAt: p.datetime(),
    goneAt: p.datetime().nullable(),
    version: p.integer().version(),
  },
});

/** An order at CMP as last read, whoever placed it. */
export class ProviderOrder extends schema.class {}
schema.setClass(ProviderOrder);

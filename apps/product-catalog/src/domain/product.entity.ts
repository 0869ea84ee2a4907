import { defineEntity, p } from '@mikro-orm/core';

/** As CMP shows it; amounts are texts, as a binary number cannot hold 0.10. */
export interface CatalogPrice {
  amount: string;
  currency: string;
  type?: string;
  model?: string;
  lowerLimit?: number;
}

const schema = defineEntity({
  name: 'Product',
  tableName: 'products',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    /** Identity at CMP: its id (PRD…), or vendor, mpn and periods where it has none. */
    cmpId: p.text(),
    hash: p.uuid(),
    readAt: p.datetime(),
    /** Withdrawn: a complete listing no longer had it. */
    goneAt: p.datetime().nullable(),
    /** Why it is withdrawn: `connector-removed`; otherwise CMP no longer lists it. */
    goneReason: p.text().nullable(),
    version: p.integer().default(1),
    /** CMP's own id, to be named in orders. */
    cmpProductId: p.text().nullable(),
    vendor: p.text(),
    mpn: p.text(),
    /** Vendor and mpn as they are looked up: without case. */
    vendorKey: p.text(),
    mpnKey: p.text(),
    /** For suggestions: the mpn as people copy it, and the words of the name. */
    mpnSqueezed: p.text(),
    nameKey: p.text(),
    name: p.text(),
    serviceName: p.text().nullable(),
    billingPeriod: p.text().nullable(),
    term: p.text().nullable(),
    billingModel: p.text().nullable(),
    minimum: p.decimal().columnType('numeric').nullable(),
    maximum: p.decimal().columnType('numeric').nullable(),
    prices: p.json<CatalogPrice[]>().columnType('json'),
    costs: p.json<CatalogPrice[]>().columnType('json'),
    dependsOn: p.json<{ mpn?: string; id?: string }[]>().columnType('json'),
    coterming: p.json<Record<string, string>>().columnType('json').nullable(),
  },
});

/** A product of CMP's catalogue as last read. Written by syncs only. */
export class Product extends schema.class {}
schema.setClass(Product);

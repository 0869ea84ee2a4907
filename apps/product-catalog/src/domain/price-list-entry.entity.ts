import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'PriceListEntry',
  tableName: 'price_list_entries',
  properties: {
    id: p.bigint('number').primary().autoincrement(),
    tenantId: p.uuid(),
    productId: p.uuid(),
    currency: p.text(),
    /** `recurring`, `setup` or `overuse`. */
    type: p.text(),
    /** FLAT, TIERED or one of the volume models. */
    model: p.text(),
    lowerLimit: p.decimal().columnType('numeric'),
    /** What the customer pays for a unit, and what the reseller pays. */
    amount: p.decimal().columnType('numeric').nullable(),
    cost: p.decimal().columnType('numeric').nullable(),
    effectiveFrom: p.datetime(),
    /** Empty for the present entry. */
    effectiveTo: p.datetime().nullable(),
  },
});

/** One line of a product's price list for as long as it held. */
export class PriceListEntry extends schema.class {}
schema.setClass(PriceListEntry);

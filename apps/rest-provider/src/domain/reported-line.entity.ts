import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'ReportedLine',
  tableName: 'reported_lines',
  properties: {
    tenantId: p.uuid().primary(),
    /** The id under which a client knows the line; that of the subscription for the line that was reported first. */
    entryId: p.uuid().primary(),
    connectorId: p.uuid(),
    /** subscription-lifecycle's. */
    subscriptionId: p.uuid(),
    /** CMP's id of the product, see `productsOf`. */
    product: p.text(),
    vendor: p.text(),
    mpn: p.text(),
    name: p.text(),
    /** Of an entry with an id of its own; the subscription's is subscription-lifecycle's. */
    friendlyName: p.text().strictNullable(),
  },
});

/** A product line as it was first reported to a client: each keeps its id for good. */
export class ReportedLine extends schema.class {}
schema.setClass(ReportedLine);

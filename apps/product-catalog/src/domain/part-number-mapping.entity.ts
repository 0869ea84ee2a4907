import { defineEntity, p } from '@mikro-orm/core';

export const mappingSources = ['person', 'suggestion', 'import'] as const;
export type MappingSource = (typeof mappingSources)[number];

const schema = defineEntity({
  name: 'PartNumberMapping',
  tableName: 'part_number_mappings',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    /** As it was typed, and as it is looked up. */
    partNumber: p.text(),
    partNumberKey: p.text(),
    /** The questions it holds for; '' for any. */
    billingPeriod: p.text(),
    term: p.text(),
    /** Empty: excluded, the part number is none of CMP's products. */
    productId: p.uuid().nullable(),
    /** Reads show the product by this part number; at most one in force per product, and for any question. */
    alias: p.boolean().default(false),
    /** Counts the mappings that this part number had for these questions. */
    version: p.integer(),
    source: p.enum(mappingSources),
    reason: p.text(),
    mappedBy: p.text(),
    mappedAt: p.datetime(),
    endedBy: p.text().nullable(),
    endedAt: p.datetime().nullable(),
    endReason: p.text().nullable(),
  },
});

/** A person's word on what a part number is. Never changed: a new one ends the old one, which stays as history. */
export class PartNumberMapping extends schema.class {}
schema.setClass(PartNumberMapping);

import { defineEntity, p } from '@mikro-orm/core';

export const mappingSources = ['person', 'suggestion', 'import'] as const;
export type MappingSource = (typeof mappingSources)[number];

const schema = defineEntity({
  name: 'PartNumberMapping',
  tableName: 'part_number_mappings',
  checks: [{ expression: `not alias or (product_id is not null and billing_period = '' and term = '')` }],
  uniques: [
    {
      name: 'part_number_mappings_in_force',
      properties: ['connectorId', 'partNumberKey', 'billingPeriod', 'term'],
      where: 'ended_at is null',
    },
    {
      name: 'part_number_mappings_one_alias',
      properties: ['connectorId', 'productId'],
      where: 'alias and ended_at is null',
    },
  ],
  indexes: [
    { name: 'part_number_mappings_history', properties: ['connectorId', 'partNumberKey', 'version'] },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    /** The part number as typed; the key is used for look-ups. */
    partNumber: p.text(),
    partNumberKey: p.text(),
    /** The questions it applies to; '' for any. */
    billingPeriod: p.text(),
    term: p.text(),
    /** Absent: the part number is excluded. */
    productId: p.uuid().strictNullable(),
    /** The product is shown by this part number; at most one active per product, and for any periods. */
    alias: p.boolean().default(false),
    /** Counts the mappings that this part number had for these questions. */
    version: p.integer(),
    source: p.enum(mappingSources),
    reason: p.text(),
    mappedBy: p.text(),
    mappedAt: p.datetime(),
    endedBy: p.text().strictNullable(),
    endedAt: p.datetime().strictNullable(),
    endReason: p.text().strictNullable(),
  },
});

/** A person's decision on what a part number stands for. Never changed: a new one ends the old one, which stays as history. */
export class PartNumberMapping extends schema.class {}
schema.setClass(PartNumberMapping);

import { defineEntity, p } from '@mikro-orm/core';

export const mappingStates = ['unmapped', 'ambiguous', 'mapped', 'excluded'] as const;
export type MappingState = (typeof mappingStates)[number];

const schema = defineEntity({
  name: 'KnownPartNumber',
  tableName: 'part_numbers',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    partNumber: p.text(),
    partNumberKey: p.text(),
    billingPeriod: p.text(),
    term: p.text(),
    state: p.enum(mappingStates),
    /** The product it resolves to. */
    productId: p.uuid().nullable(),
    /** Whether a mapping or the rule decided. */
    decidedBy: p.enum(['mapping', 'rule'] as const).nullable(),
    candidateCount: p.integer(),
    reason: p.text().nullable(),
    /** A product name seen with it, for suggestions. */
    seenName: p.text().nullable(),
    firstSeenAt: p.datetime(),
    judgedAt: p.datetime(),
  },
});

/** A part number somebody uses (a subscription, an order, an import), with the periods it is used with, and what it resolves to. */
export class KnownPartNumber extends schema.class {}
schema.setClass(KnownPartNumber);

import { defineEntity, p } from '@mikro-orm/core';

/** What a row will do, or why it does nothing. */
export const importOutcomes = [
  'map',
  'change',
  'exclude',
  'unmap',
  'unchanged',
  'duplicate',
  'refused',
] as const;
export type ImportOutcome = (typeof importOutcomes)[number];

const schema = defineEntity({
  name: 'MappingImportRow',
  tableName: 'mapping_import_rows',
  properties: {
    importId: p.uuid().primary(),
    /** Counted from 1, the header left out. */
    row: p.integer().primary(),
    /** Where it ends in the file. */
    line: p.integer(),
    partNumber: p.text(),
    partNumberKey: p.text().nullable(),
    billingPeriod: p.text().nullable(),
    term: p.text().nullable(),
    action: p.text().nullable(),
    /** The product as the file names it, and the one that is. */
    product: p.text().nullable(),
    productId: p.uuid().nullable(),
    reason: p.text().nullable(),
    outcome: p.enum(importOutcomes),
    problem: p.text().nullable(),
    applied: p.boolean().default(false),
  },
});

/** A row of an import with what becomes of it. */
export class MappingImportRow extends schema.class {}
schema.setClass(MappingImportRow);

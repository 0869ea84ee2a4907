import { defineEntity, p } from '@mikro-orm/core';

export const importStatuses = ['reading', 'previewed', 'applied'] as const;
export type ImportStatus = (typeof importStatuses)[number];

const schema = defineEntity({
  name: 'MappingImport',
  tableName: 'mapping_imports',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    status: p.enum(importStatuses),
    /** Rows by outcome. */
    counts: p.json<Record<string, number>>().columnType('json'),
    createdBy: p.text(),
    createdAt: p.datetime(),
    appliedBy: p.text().nullable(),
    appliedAt: p.datetime().nullable(),
  },
});

/** A file of mappings: read and judged first, applied when somebody says so. */
export class MappingImport extends schema.class {}
schema.setClass(MappingImport);

import { defineEntity, p } from '@mikro-orm/core';

const reportSchema = defineEntity({
  name: 'RatedReport',
  tableName: 'rated_reports',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpId: p.text(),
    name: p.text(),
    type: p.text().nullable(),
    format: p.text().nullable(),
    /** When CMP made it: of two that tell of one invoice the later counts. */
    generatedAt: p.datetime(),
    periodFrom: p.datetime().nullable(),
    periodUntil: p.datetime().nullable(),
    status: p.enum(['imported', 'failed'] as const),
    /** How often it was fetched. */
    attempts: p.integer(),
    /** The run that fetched it last, and how often that one did. */
    runId: p.uuid().nullable(),
    runAttempts: p.integer().default(0),
    rows: p.integer().default(0),
    failure: p.json<{ code: string; detail: string; nextStep: string }>().columnType('json').nullable(),
    /** Words for charges that no table has; their lines count as one-offs. */
    unknownChargeTypes: p.array(),
    readAt: p.datetime(),
  },
});

/** A report of CMP that was fetched, and what became of it. */
export class RatedReport extends reportSchema.class {}
reportSchema.setClass(RatedReport);

import { defineEntity, p } from '@mikro-orm/core';
import { invoiceBalances } from '@isthmus/contracts';

const documentSchema = defineEntity({
  name: 'RatedDocument',
  tableName: 'rated_documents',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    /** `unbilled`: the lines of one report's period that are on no invoice yet. */
    kind: p.enum(['invoice', 'unbilled'] as const),
    /** CMP's invoice number; of unbilled lines the report's name and period. */
    number: p.text(),
    invoiceDate: p.text().columnType('date').nullable(),
    currency: p.text(),
    statedTotal: p.decimal().columnType('numeric').nullable(),
    lineTotal: p.decimal().columnType('numeric'),
    balance: p.enum(invoiceBalances),
    balanceDetail: p.text().nullable(),
    lines: p.integer(),
    unmatchedLines: p.integer(),
    /** Rows that were equal to earlier ones and left out. */
    repeatedRows: p.integer(),
    /** The report it was last read from. */
    reportId: p.uuid(),
    generatedAt: p.datetime(),
    createdAt: p.datetime(),
    changedAt: p.datetime(),
    version: p.integer().default(1),
  },
});

/** What belongs together in rated data and is replaced together: an invoice, or what is on none yet. */
export class RatedDocument extends documentSchema.class {}
documentSchema.setClass(RatedDocument);

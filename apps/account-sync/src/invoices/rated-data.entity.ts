import { invoiceBalances, ratedLineKinds } from '@isthmus/contracts';
import { defineEntity, p } from '@mikro-orm/core';

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

const lineSchema = defineEntity({
  name: 'RatedLine',
  tableName: 'rated_lines',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    documentId: p.uuid(),
    /** Its row in the report that first had it, from 1. */
    rowNo: p.integer(),
    kind: p.enum(ratedLineKinds),
    customerName: p.text(),
    /** CMP's id of the customer's account, and the id that account has with us, or will have. */
    cmpAccountId: p.text().nullable(),
    accountRef: p.uuid().nullable(),
    cmpSubscriptionId: p.text().nullable(),
    /** The id the subscription has with us, or will have. */
    subscriptionRef: p.uuid().nullable(),
    mpn: p.text().nullable(),
    vendor: p.text().nullable(),
    description: p.text(),
    chargeType: p.text(),
    orderId: p.text().nullable(),
    chargeStart: p.text().columnType('date').nullable(),
    chargeEnd: p.text().columnType('date').nullable(),
    unitPrice: p.decimal().columnType('numeric').nullable(),
    quantity: p.decimal().columnType('numeric'),
    tax: p.decimal().columnType('numeric').nullable(),
    discount: p.decimal().columnType('numeric').nullable(),
    total: p.decimal().columnType('numeric'),
    currency: p.text(),
    service: p.text().nullable(),
    resource: p.text().nullable(),
    unit: p.text().nullable(),
    region: p.text().nullable(),
    /** Columns nobody knows, as they came. */
    other: p.json<Record<string, string>>().columnType('json').nullable(),
    /** Equal for lines that say the same. */
    content: p.uuid(),
    /** Of the subscription when the line was matched; ISO 8601. */
    billingCycle: p.text().nullable(),
    providerAccountId: p.uuid().nullable(),
    providerSubscriptionId: p.uuid().nullable(),
    matchedBy: p.enum(['subscription', 'account-id', 'customer-name'] as const).nullable(),
    unmatchedReason: p.text().nullable(),
  },
});

/** One charge of CMP to the reseller, and whose it is. */
export class RatedLine extends lineSchema.class {}
lineSchema.setClass(RatedLine);

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

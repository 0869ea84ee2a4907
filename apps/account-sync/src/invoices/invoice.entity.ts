import { invoiceBalances, ratedLineKinds } from '@isthmus/contracts';
import { defineEntity, p } from '@mikro-orm/core';

/** A unit of rated data that is replaced as a whole: an invoice, or the lines that are not on one yet. */
export const RatedDocument = defineEntity({
  name: 'RatedDocument',
  tableName: 'rated_documents',
  indexes: [
    {
      name: 'rated_documents_invoices',
      expression: `create index rated_documents_invoices on rated_documents
          (tenant_id, connector_id, coalesce(invoice_date, '0001-01-01'), id) where kind = 'invoice'`,
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    /** `unbilled`: the lines of one report's period that are on no invoice yet. */
    kind: p.enum(['invoice', 'unbilled'] as const),
    /** CMP's invoice number, or the report's name and period for unbilled lines. */
    number: p.text(),
    invoiceDate: p.text().columnType('date').nullable(),
    currency: p.text(),
    statedTotal: p.decimal().columnType('numeric').nullable(),
    lineTotal: p.decimal().columnType('numeric'),
    balance: p.enum(invoiceBalances),
    balanceDetail: p.text().nullable(),
    lines: p.integer(),
    unmatchedLines: p.integer(),
    /** Duplicate rows that were skipped. */
    repeatedRows: p.integer(),
    /** The report it was last read from. */
    reportId: p.uuid(),
    generatedAt: p.datetime(),
    createdAt: p.datetime(),
    changedAt: p.datetime(),
    version: p.integer().default(1),
  },
});

/** A charge from CMP to the reseller, and the customer it belongs to. */
export const RatedLine = defineEntity({
  name: 'RatedLine',
  tableName: 'rated_lines',
  indexes: [
    { name: 'rated_lines_by_document', properties: ['documentId', 'rowNo', 'id'] },
    { name: 'rated_lines_by_charge', properties: ['connectorId', 'cmpSubscriptionId', 'mpn', 'chargeStart'] },
    {
      name: 'rated_lines_unmatched',
      expression: `create index rated_lines_unmatched on rated_lines (tenant_id, connector_id, document_id, row_no, id)
          where provider_account_id is null`,
    },
    {
      name: 'rated_lines_without_subscription',
      expression: `create index rated_lines_without_subscription on rated_lines (connector_id, subscription_ref)
          where provider_subscription_id is null`,
    },
    {
      name: 'rated_lines_incomplete',
      expression: `create index rated_lines_incomplete on rated_lines (tenant_id, connector_id, subscription_ref)
          where subscription_ref is not null and (vendor is null or billing_cycle is null)`,
    },
  ],
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    documentId: p.uuid(),
    /** 1-based row number in the report in which it first appeared. */
    rowNo: p.integer(),
    kind: p.enum(ratedLineKinds),
    customerName: p.text(),
    /** CMP's id of the customer's account, and our id of the account (deterministic, so it may not exist yet). */
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
    /** Unknown columns, as they are in the report. */
    other: p.json<Record<string, string>>().columnType('json').nullable(),
    /** Hash of the line's content. */
    content: p.uuid(),
    /** Billing cycle of the matched subscription at that time; ISO 8601 duration. */
    billingCycle: p.text().nullable(),
    providerAccountId: p.uuid().nullable(),
    providerSubscriptionId: p.uuid().nullable(),
    matchedBy: p.enum(['subscription', 'account-id', 'customer-name', 'manual'] as const).nullable(),
    unmatchedReason: p.text().nullable(),
    /** Time at which a user decided that the line needs no account. */
    excludedAt: p.datetime().nullable(),
    /** Who matched or excluded it, and why; null while no user has. */
    decidedBy: p.text().nullable(),
    decisionReason: p.text().nullable(),
  },
});

/** A downloaded report of CMP, and its outcome. */
export const RatedReport = defineEntity({
  name: 'RatedReport',
  tableName: 'rated_reports',
  indexes: [
    {
      name: 'rated_reports_by_connector',
      expression: `create index rated_reports_by_connector on rated_reports (tenant_id, connector_id, generated_at desc, id)`,
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    cmpId: p.text(),
    name: p.text(),
    type: p.text().nullable(),
    format: p.text().nullable(),
    /** Time at which CMP generated it. If two reports contain the same invoice, the later one takes precedence. */
    generatedAt: p.datetime(),
    periodFrom: p.datetime().nullable(),
    periodUntil: p.datetime().nullable(),
    status: p.enum(['imported', 'failed'] as const),
    /** Number of downloads. */
    attempts: p.integer(),
    /** The last run that downloaded it, and how many times that run did so. */
    runId: p.uuid().nullable(),
    runAttempts: p.integer().default(0),
    rows: p.integer().default(0),
    failure: p.json<{ code: string; detail: string; nextStep: string }>().columnType('json').nullable(),
    /** Unknown charge types; their lines count as one-offs. */
    unknownChargeTypes: p.array().columnType('text[]').default([]),
    readAt: p.datetime(),
  },
});

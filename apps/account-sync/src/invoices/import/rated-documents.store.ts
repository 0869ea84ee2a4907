import { type InvoiceBalance, invoiceBalances, InvoiceImportedV1, ratedLineKinds } from '@isthmus/contracts';
import { defineEntity, p } from '@mikro-orm/core';
import { event, type NewEvent } from '@isthmus/messaging';
import type { MirrorOwner } from '@isthmus/sync-engine';
import type { PoolClient } from 'pg';

const documentSchema = defineEntity({
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

/** The part of rated data that is replaced as a whole: an invoice, or the lines that are not on one yet. */
export class RatedDocument extends documentSchema.class {}
documentSchema.setClass(RatedDocument);

const lineSchema = defineEntity({
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
    /** Unknown columns, as they are in the report. */
    other: p.json<Record<string, string>>().columnType('json').nullable(),
    /** Equal for equal lines. */
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

/** A document as it is stored. */
export interface StoredDocument {
  id: string;
  version: number;
  invoiceDate: string | null;
  currency: string;
  statedTotal: string | null;
  balance: InvoiceBalance;
  generatedAt: Date;
  unmatchedLines: number;
}

/** A document that is new or differs from before. */
export interface ChangedDocument {
  id: string;
  tenantId: string;
  connectorId: string;
  kind: 'invoice' | 'unbilled';
  number: string;
  invoiceDate: string | null;
  currency: string;
  statedTotal: string | null;
  lineTotal: string;
  balance: InvoiceBalance;
  balanceDetail: string | null;
  lines: number;
  repeatedRows: number;
  reportId: string;
  generatedAt: Date;
  asOf: string;
  /** Of the document now; 1 when it is new. */
  version: number;
  /** Names of what is different; empty when it is new. */
  changed: string[];
  /** Lines that are new, are gone, and have another kind of charge. */
  added: number;
  removed: number;
  altered: number;
}

export async function storedDocuments(
  client: PoolClient,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, StoredDocument>> {
  const { rows } = await client.query<StoredDocument>(
    `select id, version, invoice_date::text as "invoiceDate", currency, stated_total::text as "statedTotal", balance,
       generated_at as "generatedAt", unmatched_lines as "unmatchedLines"
     from rated_documents where tenant_id = $1 and id = any($2)`,
    [tenantId, ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export async function putDocuments(client: PoolClient, documents: readonly ChangedDocument[]): Promise<void> {
  await client.query(
    `insert into rated_documents as d (id, tenant_id, connector_id, kind, number, invoice_date, currency, stated_total, line_total,
       balance, balance_detail, lines, unmatched_lines, repeated_rows, report_id, generated_at, created_at, changed_at)
     select id, "tenantId", "connectorId", kind, number, "invoiceDate", currency, "statedTotal", "lineTotal", balance,
       "balanceDetail", lines, 0, "repeatedRows", "reportId", "generatedAt", "asOf", "asOf"
     from json_to_recordset($1::json) as n(id uuid, "tenantId" uuid, "connectorId" uuid, kind text, number text, "invoiceDate" date,
       currency text, "statedTotal" numeric, "lineTotal" numeric, balance text, "balanceDetail" text, lines int,
       "repeatedRows" int, "reportId" uuid, "generatedAt" timestamptz, "asOf" timestamptz)
     on conflict (id) do update set invoice_date = excluded.invoice_date, currency = excluded.currency,
       stated_total = excluded.stated_total, line_total = excluded.line_total, balance = excluded.balance,
       balance_detail = excluded.balance_detail, lines = excluded.lines, repeated_rows = excluded.repeated_rows,
       report_id = excluded.report_id, generated_at = excluded.generated_at, changed_at = excluded.changed_at,
       version = d.version + 1`,
    [JSON.stringify(documents)],
  );
}

/** The columns that rated_rows and rated_lines have in common. */
const lineColumns = `kind, customer_name, cmp_subscription_id, subscription_ref, mpn, vendor, description, charge_type,
  order_id, charge_start, charge_end, unit_price, quantity, tax, discount, total, currency, service, resource, unit, region, other,
  cmp_account_id, account_ref, content`;

/** A document whose lines are to become those staged by a run. */
interface NewLines {
  documentId: string;
  key: string;
  /** Rows equal in every column are all charged. */
  keepRepeats: boolean;
}

export interface LineChanges {
  documentId: string;
  added: number;
  removed: number;
  /** Lines that stay but get another kind, because the kinds of charge types are a setting. */
  altered: number;
}

// Equal lines are numbered, so that the second of two finds the second of the other two.
const chosen = `create temp table chosen on commit drop as
  select k."documentId" as document_id, r.row_no, r.content, row_number() over (partition by r.document_key, r.content order by r.row_no) as nth
  from (select *, row_number() over (partition by document_key, identity order by row_no) as copy_no
        from rated_rows where run_id = $1 and not is_total) r
  join json_to_recordset($2::json) as k("documentId" uuid, key text, "keepRepeats" boolean) on k.key = r.document_key
  where k."keepRepeats" or r.copy_no = 1`;

const stored = `select id, document_id, content, row_number() over (partition by document_id, content order by row_no, id) as nth
  from rated_lines where tenant_id = $2 and document_id = any($1)`;

/** Replaces the lines of documents by those staged by the run. Equal lines stay untouched and keep their ids. */
export async function replaceLines(
  client: PoolClient,
  run: { id: string; tenantId: string; connectorId: string },
  documents: readonly NewLines[],
): Promise<LineChanges[]> {
  const ids = documents.map(({ documentId }) => documentId);
  await client.query(chosen, [run.id, JSON.stringify(documents)]);
  await client.query('analyze chosen');
  const removed = await client.query<{ document_id: string }>(
    `with gone as (
       delete from rated_lines where id in (
         select h.id from (${stored}) h left join chosen c using (document_id, content, nth) where c.row_no is null)
       returning document_id)
     select document_id, count(*)::int as n from gone group by 1`,
    [ids, run.tenantId],
  );
  const added = await client.query<{ document_id: string }>(
    `with inserted as (
       insert into rated_lines (tenant_id, connector_id, document_id, row_no, ${lineColumns})
       select $2, $3, c.document_id, c.row_no, ${lineColumns.replaceAll(/(\w+)/g, 'r.$1')}
       from chosen c left join (${stored}) h using (document_id, content, nth)
         join rated_rows r on r.run_id = $4 and r.row_no = c.row_no
       where h.id is null order by c.row_no
       returning document_id)
     select document_id, count(*)::int as n from inserted group by 1`,
    [ids, run.tenantId, run.connectorId, run.id],
  );
  const altered = await client.query<{ document_id: string }>(
    `with other as (
       update rated_lines o set kind = r.kind
       from chosen c join (${stored}) h using (document_id, content, nth) join rated_rows r on r.run_id = $3 and r.row_no = c.row_no
       where o.id = h.id and o.kind <> r.kind
       returning o.document_id)
     select document_id, count(*)::int as n from other group by 1`,
    [ids, run.tenantId, run.id],
  );
  await client.query('drop table chosen');
  const countIn = (counts: { rows: { document_id: string }[] }) =>
    new Map(
      (counts.rows as { document_id: string; n: number }[]).map(({ document_id, n }) => [document_id, n]),
    );
  const [gone, inserted, other] = [countIn(removed), countIn(added), countIn(altered)];
  return ids.map((documentId) => ({
    documentId,
    added: inserted.get(documentId) ?? 0,
    removed: gone.get(documentId) ?? 0,
    altered: other.get(documentId) ?? 0,
  }));
}

/** The current invoice, and its differences from before. */
export type ImportedInvoice = Pick<
  InvoiceImportedV1,
  'number' | 'currency' | 'lineTotal' | 'balance' | 'lines' | 'unmatchedLines' | 'repeatedRows' | 'changed'
> & {
  id: string;
  invoiceDate: string | null;
  statedTotal: string | null;
  version: number;
  /** Lines that are new, are gone, and have another kind of charge. */
  added: number;
  removed: number;
  altered: number;
};

/** The event for an invoice that is new or differs from before. */
export const invoiceImported = (
  one: ImportedInvoice,
  run: { id: string; tenantId: string; connectorId: string },
  cmpReportId: string,
  asOf: string,
): NewEvent =>
  event(
    InvoiceImportedV1,
    {
      connectorId: run.connectorId,
      invoiceId: one.id,
      number: one.number,
      cmpReportId,
      invoiceDate: one.invoiceDate ?? undefined,
      currency: one.currency,
      statedTotal: one.statedTotal ?? undefined,
      lineTotal: one.lineTotal,
      balance: one.balance,
      lines: one.lines,
      unmatchedLines: one.unmatchedLines,
      repeatedRows: one.repeatedRows,
      changed: one.changed,
      linesAdded: one.added,
      linesRemoved: one.removed,
      linesAltered: one.altered,
      asOf,
    },
    { tenantId: run.tenantId, aggregateId: one.id, version: one.version, correlationId: run.id },
  );

/**
 * Deletes lines not yet billed that an earlier report listed in a currency that the later one no longer has.
 * @param unbilledKey of the later report's unbilled lines, without a currency
 * @param keep ids of the later report's documents
 */
export const dropOtherCurrencies = (
  client: PoolClient,
  run: MirrorOwner,
  { generatedAt, unbilledKey, keep }: { generatedAt: Date; unbilledKey: string; keep: readonly string[] },
): Promise<unknown> =>
  client.query(
    `with gone as (
       delete from rated_documents where tenant_id = $1 and connector_id = $2 and kind = 'unbilled' and id <> all($3)
         and generated_at <= $4 and (number = $5 or left(number, -4) = $5 and right(number, 4) ~ '^ [A-Z]{3}$')
       returning id)
     delete from rated_lines where tenant_id = $1 and document_id in (select id from gone)`,
    [run.tenantId, run.connectorId, keep, generatedAt, unbilledKey.slice('unbilled:'.length)],
  );

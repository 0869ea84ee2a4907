import type { PoolClient } from 'pg';
import type { InvoiceBalance } from '@isthmus/contracts';

/** A document as it is kept. */
export interface HeldDocument {
  id: string;
  version: number;
  invoiceDate: string | null;
  currency: string;
  statedTotal: string | null;
  balance: InvoiceBalance;
  generatedAt: Date;
  unmatchedLines: number;
}

/** A document that is new or says something else than before. */
export interface NewDocument {
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
  /** Lines that came, went, and stayed with another kind of charge. */
  added: number;
  removed: number;
  altered: number;
}

export async function heldDocuments(
  client: PoolClient,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, HeldDocument>> {
  const { rows } = await client.query<HeldDocument>(
    `select id, version, invoice_date::text as "invoiceDate", currency, stated_total::text as "statedTotal", balance,
       generated_at as "generatedAt", unmatched_lines as "unmatchedLines"
     from rated_documents where tenant_id = $1 and id = any($2)`,
    [tenantId, ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export async function putDocuments(client: PoolClient, documents: readonly NewDocument[]): Promise<void> {
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

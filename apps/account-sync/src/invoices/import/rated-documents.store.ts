import { type InvoiceBalance, InvoiceImportedV1 } from '@isthmus/contracts';
import { event, type NewEvent, type SqlClient } from '@isthmus/messaging';
import type { MirrorOwner } from '@isthmus/sync-engine';
import type { Pool, PoolClient } from 'pg';

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
  /** Current version of the document; 1 if it is new. */
  version: number;
  /** Names of the fields that differ; empty if the document is new. */
  changed: string[];
  /** Numbers of lines that are new, were removed, or have another kind of charge. */
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

/** A document whose lines are replaced by those staged by a run. */
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

/** Replaces the lines of documents by those staged by the run. Equal lines are not written and keep their ids. */
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
  /** Numbers of lines that are new, were removed, or have another kind of charge. */
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

const ofConnector = `l.tenant_id = $1 and l.connector_id = $2 and ($3::uuid[] is null or l.document_id = any($3))`;

// One look-up by key for each line, independent of the planner's statistics for tables that have just been filled: plain joins on
// tenant and connector took minutes.
const itsSubscription = `lateral (select * from provider_subscriptions where id = l.subscription_ref and tenant_id = l.tenant_id limit 1) s`;
const itsAccount = (ref: string) =>
  `lateral (select id from provider_accounts where id = ${ref} and tenant_id = l.tenant_id limit 1)`;
const itsNamesakes = `lateral (select min(id::text)::uuid as id, count(*)::int as n from provider_accounts
  where tenant_id = l.tenant_id and connector_id = l.connector_id and name = l.customer_name) a`;

/**
 * Matches by the subscription or account named in the line; the subscription's vendor and billing cycle complete what the report
 * omits. An account named in the line is the one that was charged, even if the subscription has since moved to another. The
 * vendor is that of the product, or of all products if the line's product no longer exists.
 */
const bySubscription = `update rated_lines o set provider_subscription_id = f.subscription_id, provider_account_id = f.account_id,
    matched_by = f.matched_by, unmatched_reason = null, billing_cycle = f.billing_cycle, vendor = f.vendor
  from (
    select l.id, s.id as subscription_id, coalesce(own.id, a.id) as account_id,
      case when own.id is null or own.id = a.id then 'subscription' else 'account-id' end as matched_by,
      coalesce(l.billing_cycle, s.billing_period) as billing_cycle,
      coalesce(l.vendor, (
        select case when count(distinct one->>'vendor') filter (where one->>'mpn' = l.mpn) = 1
            then max(one->>'vendor') filter (where one->>'mpn' = l.mpn)
          when count(distinct one->>'vendor') = 1 then max(one->>'vendor') end
        from json_array_elements(s.lines) one where one->>'vendor' <> '')) as vendor
    from rated_lines l cross join ${itsSubscription}
      left join ${itsAccount('s.provider_account_id')} a on true left join ${itsAccount('l.account_ref')} own on true
    where ${ofConnector} and l.subscription_ref is not null and coalesce(own.id, a.id) is not null
      and l.matched_by is distinct from 'manual'
      and (l.provider_subscription_id is null or l.vendor is null or l.billing_cycle is null)) f
  where o.id = f.id and (o.provider_subscription_id is distinct from f.subscription_id or o.provider_account_id is null
    or o.billing_cycle is distinct from f.billing_cycle or o.vendor is distinct from f.vendor)
  returning o.document_id`;

const byAccountId = `update rated_lines o set provider_account_id = f.account_id, matched_by = 'account-id', unmatched_reason = null
  from (
    select l.id, a.id as account_id from rated_lines l cross join ${itsAccount('l.account_ref')} a
    where ${ofConnector} and l.account_ref is not null and l.provider_subscription_id is null
      and (l.provider_account_id is null or l.matched_by = 'customer-name')) f
  where o.id = f.id returning o.document_id`;

/**
 * Matches by the customer's exact name, if exactly one account of the connector has it; a line that names an account is never
 * matched to a different one.
 */
const byName = `update rated_lines o set provider_account_id = f.account_id, matched_by = 'customer-name', unmatched_reason = null
  from (
    select l.id, a.id as account_id from rated_lines l cross join ${itsNamesakes}
    where ${ofConnector} and l.provider_account_id is null and l.account_ref is null and l.customer_name <> '' and a.n = 1) f
  where o.id = f.id returning o.document_id`;

const unmatchedReason = `update rated_lines o set unmatched_reason = f.reason
  from (
    select l.id, case
      when l.cmp_subscription_id is null and l.cmp_account_id is null and l.customer_name = '' then 'names-nobody'
      when l.cmp_account_id is not null or s.id is not null then 'account-unknown'
      when a.n > 0 then 'customer-ambiguous'
      when l.cmp_subscription_id is null then 'customer-unknown'
      else 'subscription-and-customer-unknown' end as reason
    from rated_lines l left join ${itsSubscription} on true cross join ${itsNamesakes}
    where ${ofConnector} and l.provider_account_id is null) f
  where o.id = f.id and o.unmatched_reason is distinct from f.reason`;

/**
 * Matches lines that have no account or no subscription yet, and fills in missing data of their subscription; only those of
 * `documents`, if given. Writes nothing if nothing more is known.
 * @returns the documents in which a match was found
 */
export async function matchLines(
  client: SqlClient,
  { tenantId, connectorId }: MirrorOwner,
  documents: readonly string[] | null,
): Promise<string[]> {
  const values = [tenantId, connectorId, documents];
  const touched = new Set<string>();
  for (const update of [bySubscription, byAccountId, byName]) {
    const text = `with found as (${update}) select distinct document_id as id from found`;
    const { rows } = await client.query<{ id: string }>(text, values);
    for (const { id } of rows) touched.add(id);
  }
  await client.query(unmatchedReason, values);
  return [...touched];
}

/** Returns whether a connector has unmatched lines. */
export async function hasUnmatchedLines(
  pool: Pool,
  { tenantId, connectorId }: MirrorOwner,
): Promise<boolean> {
  const { rows } = await pool.query<{ open: boolean }>(
    `select exists (select from rated_lines where tenant_id = $1 and connector_id = $2 and provider_account_id is null)
       or exists (select from rated_lines where connector_id = $2 and tenant_id = $1
         and subscription_ref is not null and provider_subscription_id is null)
       or exists (select from rated_lines where tenant_id = $1 and connector_id = $2
         and subscription_ref is not null and (vendor is null or billing_cycle is null))
       as open`,
    [tenantId, connectorId],
  );
  return rows[0]!.open;
}

/** Matches all lines of a connector again; returns an event for each invoice that changed. */
export async function rematchLines(
  client: PoolClient,
  run: MirrorOwner & { id: string },
  asOf: string,
): Promise<NewEvent[]> {
  const found = await matchLines(client, run, null);
  return found.length ? recountMatches(client, run, found, asOf) : [];
}

/** Counts the unmatched lines of documents whose matches have changed; returns an event for each invoice among them. */
export async function recountMatches(
  client: SqlClient,
  run: MirrorOwner & { id: string },
  found: readonly string[],
  asOf: string,
): Promise<NewEvent[]> {
  const { rows } = await client.query<ImportedInvoice & { kind: string; cmpReportId: string }>(
    `with n as (
       select document_id, count(*) filter (where provider_account_id is null and excluded_at is null)::int as unmatched
       from rated_lines where tenant_id = $1 and document_id = any($2) group by 1)
     update rated_documents d set unmatched_lines = n.unmatched, changed_at = $3, version = d.version + 1
     from n, rated_reports r where d.tenant_id = $1 and d.id = n.document_id and r.tenant_id = $1 and r.id = d.report_id
     returning d.id, d.kind, d.number, d.invoice_date::text as "invoiceDate", d.currency, d.stated_total::text as "statedTotal",
       d.line_total::text as "lineTotal", d.balance, d.lines, d.unmatched_lines as "unmatchedLines",
       d.repeated_rows as "repeatedRows", d.version, r.cmp_id as "cmpReportId"`,
    [run.tenantId, found, asOf],
  );
  return rows
    .filter(({ kind }) => kind === 'invoice')
    .map(({ cmpReportId, ...invoice }) =>
      invoiceImported(
        { ...invoice, changed: ['matches'], added: 0, removed: 0, altered: 0 },
        run,
        cmpReportId,
        asOf,
      ),
    );
}

/** Counts the lines without an account, where the number has changed. */
export const countUnmatched = (
  client: PoolClient,
  tenantId: string,
  documents: readonly string[],
): Promise<unknown> =>
  client.query(
    `update rated_documents d set unmatched_lines = n.unmatched
     from (select document_id, count(*) filter (where provider_account_id is null and excluded_at is null)::int as unmatched
           from rated_lines where tenant_id = $1 and document_id = any($2) group by 1) n
     where d.tenant_id = $1 and d.id = n.document_id and d.unmatched_lines <> n.unmatched`,
    [tenantId, documents],
  );

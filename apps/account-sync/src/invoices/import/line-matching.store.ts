import type { Pool, PoolClient } from 'pg';
import type { NewEvent } from '@isthmus/messaging';
import type { MirrorOwner } from '@isthmus/sync-engine';
import { invoiceImported, type ImportedInvoice } from './rated-documents.store.ts';

const ofConnector = `l.tenant_id = $1 and l.connector_id = $2 and ($3::uuid[] is null or l.document_id = any($3))`;

// One look-up by key for each line, independent of the planner's statistics for tables that were filled a moment ago: as plain
// joins on tenant and connector they took minutes.
const itsSubscription = `lateral (select * from provider_subscriptions where id = l.subscription_ref and tenant_id = l.tenant_id limit 1) s`;
const itsAccount = (ref: string) =>
  `lateral (select id from provider_accounts where id = ${ref} and tenant_id = l.tenant_id limit 1)`;
const itsNamesakes = `lateral (select min(id::text)::uuid as id, count(*)::int as n from provider_accounts
  where tenant_id = l.tenant_id and connector_id = l.connector_id and name = l.customer_name) a`;

/**
 * By what the line names: its subscription, whose vendor and billing cycle complete what the report omits, and its account.
 * An account named in the line is the one that was charged, even if the subscription has since moved to another. The vendor
 * is that of the product, or of all products if the line's product no longer exists.
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

/** By the customer's exact name, if one account of the connector has it; a line that names an account never matches another. */
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
 * Matches lines that have no account or no subscription yet, and fills in what was unknown about their subscription; only
 * those of `documents`, if given. Writes nothing if nothing more is known.
 * @returns the documents in which something was found
 */
export async function matchLines(
  client: PoolClient,
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

/** Whether a connector has lines with unknown matches. */
export async function hasOpenLines(pool: Pool, { tenantId, connectorId }: MirrorOwner): Promise<boolean> {
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

/** The same for all lines of a connector; returns an event for each invoice that changed. */
export async function rematchLines(
  client: PoolClient,
  run: MirrorOwner & { id: string },
  asOf: string,
): Promise<NewEvent[]> {
  const found = await matchLines(client, run, null);
  if (!found.length) return [];
  const { rows } = await client.query<ImportedInvoice & { kind: string; cmpReportId: string }>(
    `with n as (
       select document_id, count(*) filter (where provider_account_id is null)::int as unmatched
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
     from (select document_id, count(*) filter (where provider_account_id is null)::int as unmatched
           from rated_lines where tenant_id = $1 and document_id = any($2) group by 1) n
     where d.tenant_id = $1 and d.id = n.document_id and d.unmatched_lines <> n.unmatched`,
    [tenantId, documents],
  );

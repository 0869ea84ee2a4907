import type { PoolClient } from 'pg';
import type { MirrorOwner } from '@isthmus/sync-engine';

const mine = `l.tenant_id = $1 and l.connector_id = $2 and ($3::uuid[] is null or l.document_id = any($3))`;

// One look-up by key for each line, whatever the planner believes of tables that were filled a moment ago: as plain joins on
// tenant and connector they took minutes.
const itsSubscription = `lateral (select * from provider_subscriptions where id = l.subscription_ref limit 1) s`;
const itsAccount = `lateral (select * from provider_accounts where id = s.provider_account_id limit 1) a`;
const itsNamesakes = `lateral (select min(id::text)::uuid as id, count(*)::int as n from provider_accounts
  where tenant_id = l.tenant_id and connector_id = l.connector_id and name = l.customer_name) a`;

/** By the subscription the line names; its vendor and billing cycle fill what the report does not say. */
const bySubscription = `update rated_lines o set provider_subscription_id = f.subscription_id, provider_account_id = f.account_id,
    matched_by = 'subscription', unmatched_reason = null, billing_cycle = f.billing_period, vendor = coalesce(o.vendor, f.vendor)
  from (
    select l.id, s.id as subscription_id, a.id as account_id, s.billing_period,
      (select nullif(one->>'vendor', '') from json_array_elements(s.lines) one where one->>'mpn' = l.mpn limit 1) as vendor
    from rated_lines l cross join ${itsSubscription} cross join ${itsAccount}
    where ${mine} and l.provider_subscription_id is null and l.subscription_ref is not null
      and s.tenant_id = l.tenant_id and a.tenant_id = l.tenant_id) f
  where o.id = f.id returning o.document_id`;

/** By the customer's name, to the letter, where one account of the connector has it. */
const byName = `update rated_lines o set provider_account_id = f.account_id, matched_by = 'customer-name', unmatched_reason = null
  from (
    select l.id, a.id as account_id from rated_lines l cross join ${itsNamesakes}
    where ${mine} and l.provider_account_id is null and l.customer_name <> '' and a.n = 1) f
  where o.id = f.id returning o.document_id`;

const whyNobody = `update rated_lines o set unmatched_reason = f.reason
  from (
    select l.id, case
      when l.cmp_subscription_id is null and l.customer_name = '' then 'names-nobody'
      when a.n > 0 then 'customer-ambiguous'
      when s.tenant_id = l.tenant_id then 'account-unknown'
      when l.cmp_subscription_id is null then 'customer-unknown'
      else 'subscription-and-customer-unknown' end as reason
    from rated_lines l left join ${itsSubscription} on true cross join ${itsNamesakes}
    where ${mine} and l.provider_account_id is null) f
  where o.id = f.id and o.unmatched_reason is distinct from f.reason`;

/**
 * Finds whose lines are that are nobody's yet, or not any subscription's; of `documents` only, when given.
 * @returns the documents in which something was found
 */
export async function matchLines(
  client: PoolClient,
  { tenantId, connectorId }: MirrorOwner,
  documents: readonly string[] | null,
): Promise<string[]> {
  const values = [tenantId, connectorId, documents];
  const touched = new Set<string>();
  for (const update of [bySubscription, byName]) {
    const text = `with found as (${update}) select distinct document_id as id from found`;
    const { rows } = await client.query<{ id: string }>(text, values);
    for (const { id } of rows) touched.add(id);
  }
  await client.query(whyNobody, values);
  return [...touched];
}

/** Counts the lines that are nobody's, where that is another number than before. */
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

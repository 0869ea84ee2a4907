import type { PoolClient } from 'pg';
import type { MirrorOwner } from '@isthmus/sync-engine';

const mine = `l.tenant_id = $1 and l.connector_id = $2 and ($3::uuid[] is null or l.document_id = any($3))`;

/** By the subscription the line names; its vendor and billing cycle fill what the report does not say. */
const bySubscription = `update rated_lines l set provider_subscription_id = s.id, provider_account_id = a.id,
    matched_by = 'subscription', unmatched_reason = null, billing_cycle = s.billing_period,
    vendor = coalesce(l.vendor, (
      select nullif(one->>'vendor', '') from json_array_elements(s.lines) one where one->>'mpn' = l.mpn limit 1))
  from provider_subscriptions s join provider_accounts a on a.id = s.provider_account_id and a.tenant_id = s.tenant_id
  where ${mine} and l.provider_subscription_id is null and l.subscription_ref is not null
    and s.id = l.subscription_ref and s.tenant_id = l.tenant_id and s.connector_id = l.connector_id
  returning l.document_id`;

/** By the customer's name, to the letter, where one account of the connector has it. */
const byName = `update rated_lines l set provider_account_id = n.id, matched_by = 'customer-name', unmatched_reason = null
  from (select name, min(id::text)::uuid as id from provider_accounts where tenant_id = $1 and connector_id = $2
        group by name having count(*) = 1) n
  where ${mine} and l.provider_account_id is null and l.customer_name <> '' and n.name = l.customer_name
  returning l.document_id`;

const reason = `case
    when l.cmp_subscription_id is null and l.customer_name = '' then 'names-nobody'
    when exists (select from provider_accounts a where a.tenant_id = $1 and a.connector_id = $2 and a.name = l.customer_name)
      then 'customer-ambiguous'
    when exists (select from provider_subscriptions s where s.id = l.subscription_ref and s.tenant_id = $1)
      then 'account-unknown'
    when l.cmp_subscription_id is null then 'customer-unknown'
    else 'subscription-and-customer-unknown' end`;

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
  await client.query(
    `update rated_lines l set unmatched_reason = ${reason}
     where ${mine} and l.provider_account_id is null and l.unmatched_reason is distinct from ${reason}`,
    values,
  );
  return [...touched];
}

/** Counts the lines that are nobody's, where that is another number than before. */
export const countUnmatched = (client: PoolClient, documents: readonly string[]): Promise<unknown> =>
  client.query(
    `update rated_documents d set unmatched_lines = n.unmatched
     from (select document_id, count(*) filter (where provider_account_id is null)::int as unmatched
           from rated_lines where document_id = any($1) group by 1) n
     where d.id = n.document_id and d.unmatched_lines <> n.unmatched`,
    [documents],
  );

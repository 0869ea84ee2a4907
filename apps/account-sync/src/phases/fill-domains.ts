import { ProviderAccountChangedV1 } from '@isthmus/contracts';
import { event, type NewEvent } from '@isthmus/messaging';
import type { ChangeOrigin } from '@isthmus/sync-engine';
import type { PoolClient } from 'pg';

/**
 * Fills the custom domain of accounts from what CMP shows on their subscriptions: only when they all show the same one, and never
 * over a domain typed by hand. Several different ones leave it open: the account lists them as candidates.
 */
export async function fillDomains(
  client: PoolClient,
  providerAccountIds: readonly string[],
  origin: ChangeOrigin,
): Promise<NewEvent[]> {
  const { rows } = await client.query<Filled>(
    `update provider_accounts a set custom_domain = shown.domain, version = a.version + 1,
       custom_domain_source = case when shown.domain is not null then 'cmp' end
     from (
       select provider_account_id as id, case when count(distinct microsoft_domain) = 1 then min(microsoft_domain) end as domain
       from provider_subscriptions
       where provider_account_id = any($1) and tenant_id = $2 and connector_id = $3 and gone_at is null
       group by provider_account_id) as shown
     where a.id = shown.id and a.custom_domain_source is distinct from 'manual' and a.custom_domain is distinct from shown.domain
     returning a.id, a.cmp_id as "cmpId", a.name, a.status, a.custom_domain as "customDomain", a.external_id as "externalId", a.version`,
    [providerAccountIds, origin.tenantId, origin.connectorId],
  );
  return rows.map((row) =>
    event(
      ProviderAccountChangedV1,
      {
        connectorId: origin.connectorId,
        providerAccountId: row.id,
        cmpAccountId: row.cmpId,
        name: row.name,
        status: row.status,
        customDomain: row.customDomain ?? undefined,
        externalId: row.externalId ?? undefined,
        changed: ['customDomain'],
        asOf: origin.asOf,
      },
      { tenantId: origin.tenantId, aggregateId: row.id, version: row.version },
    ),
  );
}

interface Filled {
  id: string;
  cmpId: string;
  name: string;
  status: string;
  customDomain: string | null;
  externalId: string | null;
  version: number;
}

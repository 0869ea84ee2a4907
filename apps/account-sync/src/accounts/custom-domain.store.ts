import { ProviderAccountChangedV1 } from '@isthmus/contracts';
import { emit, event, type NewEvent } from '@isthmus/messaging';
import { audit } from '@isthmus/service-kit';
import type { ChangeOrigin } from '@isthmus/sync-engine';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { PoolClient } from 'pg';
import { liveSubscriptionSql } from '../subscriptions/subscription.mirror.ts';
import type { ProviderAccount } from './account.entity.ts';
import { accountEventMetadata, readProviderAccount } from './accounts.store.ts';

interface CustomDomain {
  customDomain: string | null;
  customDomainSource: 'cmp' | 'manual' | null;
}

interface AccountChange {
  /** null resets to the domain found in CMP. */
  customDomain?: string | null;
  syncEnabled?: boolean;
}

/** Updates the fields of a locked account that we own, and publishes an event if the domain changed; no-ops are not written. */
export async function changeAccount(
  em: EntityManager,
  account: ProviderAccount,
  change: AccountChange,
  now: Date,
): Promise<void> {
  const before = account.customDomain ?? null;
  const shownBefore = auditedFields(account);
  if (change.customDomain !== undefined)
    Object.assign(account, await resolveDomain(em, account, change.customDomain));
  if (change.syncEnabled !== undefined && change.syncEnabled !== account.syncEnabled) {
    account.syncEnabled = change.syncEnabled;
    if (change.syncEnabled) account.syncEnabledAt = now;
  }
  await em.flush();
  await audit(em, {
    ...{ tenantId: account.tenantId, action: 'provider-account.update', before: shownBefore },
    ...{ thing: ['provider-account', account.id], after: auditedFields(account) },
  });
  if ((account.customDomain ?? null) !== before) emitDomainChanged(em, account, before);
}

const auditedFields = ({
  customDomain = null,
  customDomainSource = null,
  syncEnabled,
}: ProviderAccount): object => ({
  customDomain,
  customDomainSource,
  syncEnabled,
});

async function resolveDomain(
  em: EntityManager,
  { id, tenantId }: ProviderAccount,
  customDomain: string | null,
): Promise<CustomDomain> {
  if (customDomain !== null) return { customDomain, customDomainSource: 'manual' };
  // The next sync would fill it only when a subscription changes, and that may take months.
  const { customDomainCandidates } = await readProviderAccount(em, tenantId, id);
  return domainFromCmp(customDomainCandidates);
}

/**
 * The domain in CMP's data: the only one the subscriptions show. If there are none or several, it remains unset; guessing would
 * be worse.
 */
function domainFromCmp(candidates: readonly string[]): CustomDomain {
  const [only, another] = candidates;
  return only !== undefined && another === undefined
    ? { customDomain: only, customDomainSource: 'cmp' }
    : { customDomain: null, customDomainSource: null };
}

function emitDomainChanged(em: EntityManager, account: ProviderAccount, before: string | null): void {
  const { id: providerAccountId, connectorId, cmpId: cmpAccountId, name, status } = account;
  const data = {
    connectorId,
    providerAccountId,
    cmpAccountId,
    name,
    status,
    customDomain: account.customDomain ?? undefined,
    externalId: account.externalId ?? undefined,
    changed: ['customDomain'],
    changes: [{ field: 'customDomain', from: before ?? undefined, to: account.customDomain ?? undefined }],
    asOf: account.readAt.toISOString(),
  };
  emit(em, event(ProviderAccountChangedV1, data, accountEventMetadata(account)));
}

/**
 * Expression over alias `m`: the domains of a customer's live subscriptions; those of ended ones only if no live one shows any.
 */
const domainsFromCmpSql = `coalesce(
  array_agg(distinct m.microsoft_domain) filter (where ${liveSubscriptionSql} and m.microsoft_domain is not null),
  array_agg(distinct m.microsoft_domain) filter (where m.microsoft_domain is not null))`;

/**
 * Fills the custom domain of accounts from what CMP shows on their subscriptions: only when all of them have been read and show
 * the same one. It never overwrites a manually entered domain. If the subscriptions show several domains or none, the current one
 * is kept and the others are exposed as candidates.
 */
export async function updateDomainsFromCmp(
  client: PoolClient,
  providerAccountIds: readonly string[],
  origin: ChangeOrigin,
): Promise<NewEvent[]> {
  if (!providerAccountIds.length) return [];
  const { rows } = await client.query<FilledAccount>(
    `update provider_accounts a set custom_domain = shown.domains[1], version = a.version + 1, custom_domain_source = 'cmp'
     from (
       select a.id, a.custom_domain as before, (
         select ${domainsFromCmpSql} from provider_subscriptions m
         where m.tenant_id = $2 and m.connector_id = $3 and m.provider_account_id = a.id and m.gone_at is null) as domains
       from provider_accounts a where a.id = any($1) and a.tenant_id = $2) as shown
     where a.id = shown.id and cardinality(shown.domains) = 1 and a.custom_domain_source is distinct from 'manual'
       and a.custom_domain is distinct from shown.domains[1]
       and not exists (
         select from provider_subscriptions m
         where m.tenant_id = $2 and m.connector_id = $3 and m.provider_account_id = a.id and m.gone_at is null
           and ${liveSubscriptionSql} and m.lines is null and m.detail_failures = 0)
     returning a.id, a.cmp_id as "cmpId", a.name, a.status, shown.before, a.custom_domain as "customDomain",
       a.external_id as "externalId", a.version`,
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
        customDomain: row.customDomain,
        externalId: row.externalId ?? undefined,
        changed: ['customDomain'],
        changes: [{ field: 'customDomain', from: row.before ?? undefined, to: row.customDomain }],
        asOf: origin.asOf,
      },
      { tenantId: origin.tenantId, aggregateId: row.id, version: row.version },
    ),
  );
}

interface FilledAccount {
  id: string;
  cmpId: string;
  name: string;
  status: string;
  before: string | null;
  customDomain: string;
  externalId: string | null;
  version: number;
}

import { ProviderAccountChangedV1 } from '@isthmus/contracts';
import { emit, event } from '@isthmus/messaging';
import { TenantRows } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { type CustomDomain, domainFromCmp } from '../domain/custom-domain.ts';
import { accountEventFacts, type ProviderAccount } from '../domain/provider-account.entity.ts';
import { readProviderAccount } from './queries/provider-accounts.query.ts';

export interface AccountChange {
  /** null: the one CMP shows. */
  customDomain?: string | null;
  syncEnabled?: boolean;
}

/** Changes what is ours of a locked account; what would change nothing is not written. */
export async function changeAccount(
  em: EntityManager,
  account: ProviderAccount,
  change: AccountChange,
  now: Date,
): Promise<{ domainBefore: string | null; domainChanged: boolean }> {
  const before = account.customDomain ?? null;
  if (change.customDomain !== undefined)
    Object.assign(account, await domainOf(em, account, change.customDomain));
  if (change.syncEnabled !== undefined && change.syncEnabled !== account.syncEnabled) {
    account.syncEnabled = change.syncEnabled;
    if (change.syncEnabled) account.syncEnabledAt = now;
  }
  await em.flush();
  return { domainBefore: before, domainChanged: (account.customDomain ?? null) !== before };
}

async function domainOf(
  em: EntityManager,
  { id, tenantId }: ProviderAccount,
  customDomain: string | null,
): Promise<CustomDomain> {
  if (customDomain !== null) return { customDomain, customDomainSource: 'manual' };
  // The next sync would fill it only when a subscription changes, and that may take months.
  const { customDomainCandidates } = await readProviderAccount(TenantRows.within(em, tenantId), id);
  return domainFromCmp(customDomainCandidates);
}

export function sayDomainChanged(em: EntityManager, account: ProviderAccount, before: string | null): void {
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
  emit(em, event(ProviderAccountChangedV1, data, accountEventFacts(account)));
}

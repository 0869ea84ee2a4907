import type { EntityManager } from '@mikro-orm/postgresql';
import {
  ProviderAccountChangedV1,
  ProviderAccountLinkedV1,
  ProviderAccountUnlinkedV1,
} from '@isthmus/contracts';
import { emit, event } from '@isthmus/messaging';
import { currentCorrelationId } from '@isthmus/service-kit';
import type { ProviderAccount } from '../domain/provider-account.entity.ts';

/** Each to be called after the change was flushed and before its transaction ends: the event carries the new version. */
export function sayLinked(
  em: EntityManager,
  account: ProviderAccount,
  tenantAccountId: string,
  by: string,
): void {
  const data = { providerAccountId: account.id, tenantAccountId, by };
  emit(em, event(ProviderAccountLinkedV1, data, factsOf(account)));
}

export function sayUnlinked(
  em: EntityManager,
  account: ProviderAccount,
  tenantAccountId: string,
  by: string,
): void {
  const data = { providerAccountId: account.id, tenantAccountId, by };
  emit(em, event(ProviderAccountUnlinkedV1, data, factsOf(account)));
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
  emit(em, event(ProviderAccountChangedV1, data, factsOf(account)));
}

const factsOf = ({ id: aggregateId, tenantId, version }: ProviderAccount) => ({
  tenantId,
  aggregateId,
  version,
  correlationId: currentCorrelationId(),
});

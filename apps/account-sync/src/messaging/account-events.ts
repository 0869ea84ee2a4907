import { ProviderAccountLinkedV1, ProviderAccountUnlinkedV1 } from '@isthmus/contracts';
import { emit, event } from '@isthmus/messaging';
import type { EntityManager } from '@mikro-orm/postgresql';
import { accountEventFacts, type ProviderAccount } from '../domain/provider-account.entity.ts';

/** Each to be called after the change was flushed and before its transaction ends: the event carries the new version. */
export function sayLinked(
  em: EntityManager,
  account: ProviderAccount,
  tenantAccountId: string,
  by: string,
): void {
  const data = { providerAccountId: account.id, tenantAccountId, by };
  emit(em, event(ProviderAccountLinkedV1, data, accountEventFacts(account)));
}

export function sayUnlinked(
  em: EntityManager,
  account: ProviderAccount,
  tenantAccountId: string,
  by: string,
): void {
  const data = { providerAccountId: account.id, tenantAccountId, by };
  emit(em, event(ProviderAccountUnlinkedV1, data, accountEventFacts(account)));
}

import { ProviderAccountLinkedV1, ProviderAccountUnlinkedV1 } from '@isthmus/contracts';
import { emit, event } from '@isthmus/messaging';
import { TenantRows } from '@isthmus/service-kit';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { accountEventFacts, type ProviderAccount } from '../accounts/accounts.store.ts';
import { contractsDependingOn } from '../billing-contracts/billing-contracts.store.ts';
import { TenantAccount, unknownTenantAccount } from './tenant-accounts.store.ts';

/**
 * Links an account that is locked; one linked elsewhere moves over.
 * @returns false when it is linked there already
 * @throws UnusableField, ContractsWouldBeOrphaned
 */
export async function linkAccount(
  em: EntityManager,
  account: ProviderAccount,
  to: { tenantAccountId: string; by: string; now: Date },
): Promise<boolean> {
  if (account.tenantAccountId === to.tenantAccountId) return false;
  const held = await lockTenantAccounts(em, [account.tenantAccountId, to.tenantAccountId]);
  if (!held.some(({ id }) => id === to.tenantAccountId)) throw unknownTenantAccount(to.tenantAccountId);
  await refuseOrphans(em, account, to.now);
  Object.assign(account, { tenantAccountId: to.tenantAccountId, linkedAt: to.now, linkedBy: to.by });
  await em.flush();
  return true;
}

/**
 * Takes the link of a locked account away.
 * @returns the tenant account it was linked to; null when there was none
 * @throws ContractsWouldBeOrphaned
 */
export async function unlinkAccount(
  em: EntityManager,
  account: ProviderAccount,
  now: Date,
): Promise<string | null> {
  const from = account.tenantAccountId ?? null;
  if (from === null) return null;
  await lockTenantAccounts(em, [from]);
  await refuseOrphans(em, account, now);
  Object.assign(account, { tenantAccountId: null, linkedAt: null, linkedBy: null });
  await em.flush();
  return from;
}

/** In one order for everybody, so that two moves in opposite directions do not wait for each other. */
function lockTenantAccounts(
  em: EntityManager,
  ids: readonly (string | null | undefined)[],
): Promise<TenantAccount[]> {
  const known = ids.filter((id): id is string => typeof id === 'string');
  return em.find(
    TenantAccount,
    { id: { $in: known } },
    { orderBy: { id: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE },
  );
}

async function refuseOrphans(
  em: EntityManager,
  { id, tenantId, tenantAccountId }: ProviderAccount,
  now: Date,
): Promise<void> {
  if (!tenantAccountId) return;
  const today = now.toISOString().slice(0, 10);
  const contracts = await contractsDependingOn(
    TenantRows.within(em, tenantId),
    { id, tenantAccountId },
    today,
  );
  if (contracts.length > 0) throw new ContractsWouldBeOrphaned(id, contracts);
}

/** Taking the link away would leave contracts that nothing can be billed under. */
export class ContractsWouldBeOrphaned extends Error {
  override readonly name = 'ContractsWouldBeOrphaned';
  readonly code = 'provider-account.contracts-depend-on-link';
  readonly nextStep =
    'Link another provider account of the same currency first, or give the contracts an endDate in the past.';
  constructor(
    readonly providerAccountId: string,
    readonly contracts: readonly { id: string; name: string }[],
  ) {
    const names = contracts.map(({ name }) => `"${name}"`).join(', ');
    super(`Without its link to ${providerAccountId} nothing is left to bill under ${names}.`);
  }
}

/** Each to be called after the change was flushed and before its transaction ends: the event carries the new version. */
export function emitLinked(
  em: EntityManager,
  account: ProviderAccount,
  tenantAccountId: string,
  by: string,
): void {
  const data = { providerAccountId: account.id, tenantAccountId, by };
  emit(em, event(ProviderAccountLinkedV1, data, accountEventFacts(account)));
}

export function emitUnlinked(
  em: EntityManager,
  account: ProviderAccount,
  tenantAccountId: string,
  by: string,
): void {
  const data = { providerAccountId: account.id, tenantAccountId, by };
  emit(em, event(ProviderAccountUnlinkedV1, data, accountEventFacts(account)));
}

import { DomainError } from '@isthmus/domain';
import { ProviderAccountLinkedV1, ProviderAccountUnlinkedV1 } from '@isthmus/contracts';
import { emit, event } from '@isthmus/messaging';
import { audit, type TenantStore } from '@isthmus/service-kit';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { type ProviderAccount, TenantAccount } from '../accounts/account.entity.ts';
import { accountEventMetadata, lockProviderAccount } from '../accounts/accounts.store.ts';
import { contractsDependingOn } from '../billing-contracts/billing-contracts.store.ts';
import { unknownTenantAccount } from './tenant-accounts.store.ts';

/**
 * Links a locked account and publishes an event; a link to another account is replaced, and an identical one is not written.
 * @throws UnusableField, ContractsWouldBeOrphaned
 */
export async function linkAccount(
  em: EntityManager,
  account: ProviderAccount,
  { tenantAccountId, by, now }: { tenantAccountId: string; by: string; now: Date },
): Promise<void> {
  if (account.tenantAccountId === tenantAccountId) return;
  const locked = await lockTenantAccounts(em, [account.tenantAccountId, tenantAccountId]);
  if (!locked.some(({ id }) => id === tenantAccountId)) throw unknownTenantAccount(tenantAccountId);
  await refuseOrphans(em, account, now);
  const before = { tenantAccountId: account.tenantAccountId ?? null };
  Object.assign(account, { tenantAccountId, linkedAt: now, linkedBy: by });
  await em.flush();
  await auditLink(em, 'link', account, before, { tenantAccountId });
  const data = { providerAccountId: account.id, tenantAccountId, by };
  emit(em, event(ProviderAccountLinkedV1, data, accountEventMetadata(account)));
}

/**
 * Removes the link of a locked account and publishes that; an account without a link is not changed.
 * @throws ContractsWouldBeOrphaned
 */
export async function unlinkAccount(
  em: EntityManager,
  account: ProviderAccount,
  { by, now }: { by: string; now: Date },
): Promise<void> {
  const { tenantAccountId } = account;
  if (!tenantAccountId) return;
  await lockTenantAccounts(em, [tenantAccountId]);
  await refuseOrphans(em, account, now);
  Object.assign(account, { tenantAccountId: null, linkedAt: null, linkedBy: null });
  await em.flush();
  await auditLink(em, 'unlink', account, { tenantAccountId }, { tenantAccountId: null });
  const data = { providerAccountId: account.id, tenantAccountId, by };
  emit(em, event(ProviderAccountUnlinkedV1, data, accountEventMetadata(account)));
}

const auditLink = (
  em: EntityManager,
  command: 'link' | 'unlink',
  { id, tenantId }: ProviderAccount,
  before: object,
  after: object,
): Promise<void> =>
  audit(em, {
    ...{ tenantId, action: `provider-account.${command}`, thing: ['provider-account', id] },
    ...{ before, after },
  });

/** How one of many links went, or would go. */
export interface LinkResult {
  providerAccountId: string;
  tenantAccountId: string;
  outcome: 'linked' | 'unchanged' | 'refused';
  /** Why it is refused. */
  code?: string;
  detail?: string;
  nextStep?: string;
}

/** Ends a transaction whose work was only to be tried. */
export class OnlyTried extends Error {}

/**
 * Makes many links, each in a transaction of its own: what is refused does not affect the others.
 * @param dryRun each is tried, checks and locks included, and undone
 */
export async function linkMany(
  store: TenantStore,
  links: readonly { providerAccountId: string; tenantAccountId: string }[],
  { tenantId, by, now, dryRun }: { tenantId: string; by: string; now: Date; dryRun: boolean },
): Promise<LinkResult[]> {
  const results: LinkResult[] = [];
  for (const link of links) {
    let outcome: LinkResult['outcome'] = 'unchanged';
    try {
      await store.change(tenantId, async (em) => {
        const account = await lockProviderAccount(em, link.providerAccountId);
        if (account.tenantAccountId !== link.tenantAccountId) outcome = 'linked';
        await linkAccount(em, account, { tenantAccountId: link.tenantAccountId, by, now });
        if (dryRun) throw new OnlyTried();
      });
      results.push({ ...link, outcome });
    } catch (error) {
      if (error instanceof OnlyTried) results.push({ ...link, outcome });
      else if (error instanceof DomainError) results.push({ ...link, ...refusal(error) });
      else throw error;
    }
  }
  return results;
}

const refusal = ({ code, message: detail, nextStep }: DomainError) => ({
  outcome: 'refused' as const,
  code,
  detail,
  nextStep,
});

/** Always in the same order, so that two moves in opposite directions do not deadlock. */
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
  const contracts = await contractsDependingOn(em, { id, tenantId, tenantAccountId }, today);
  if (contracts.length > 0) throw new ContractsWouldBeOrphaned(id, contracts);
}

/** Without the link, nothing could be billed under some contracts. */
export class ContractsWouldBeOrphaned extends DomainError {
  static override readonly code = 'provider-account.contracts-depend-on-link';
  constructor(
    readonly providerAccountId: string,
    contracts: readonly { id: string; name: string }[],
  ) {
    const names = contracts.map(({ name }) => `"${name}"`).join(', ');
    super(`Without its link to ${providerAccountId}, there is nothing left to bill under ${names}.`, {
      title: 'Billing contracts depend on the link',
      details: { billingContracts: contracts },
      nextStep:
        'Link another provider account of the same currency first, or give the contracts an endDate in the past.',
    });
  }
}

import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { ProviderAccountNotFound } from '../domain/account.errors.ts';
import { BillingContractNotFound } from '../domain/billing-contract.errors.ts';
import { BillingContract } from '../domain/billing-contract.entity.ts';
import { ProviderAccount } from '../domain/provider-account.entity.ts';
import { TenantAccount } from '../domain/tenant-account.entity.ts';

const locked = { lockMode: LockMode.PESSIMISTIC_WRITE };

/** @throws ProviderAccountNotFound */
export async function lockProviderAccount(em: EntityManager, id: string): Promise<ProviderAccount> {
  const account = await em.findOne(ProviderAccount, { id }, locked);
  if (!account) throw new ProviderAccountNotFound(id);
  return account;
}

/** Locks a tenant account: who changes its links or contracts holds it, so that these are judged as they are. */
export function findAndLockTenantAccount(em: EntityManager, id: string): Promise<TenantAccount | null> {
  return em.findOne(TenantAccount, { id }, locked);
}

/** @throws BillingContractNotFound */
export async function requireContract(em: EntityManager, id: string): Promise<BillingContract> {
  const contract = await em.findOne(BillingContract, { id });
  if (!contract) throw new BillingContractNotFound(id);
  return contract;
}

import { randomUUID } from 'node:crypto';
import { TenantRows } from '@isthmus/service-kit';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { BillingContract } from '../domain/billing-contract.entity.ts';
import { BillingContractNotFound, NoLinkedProviderAccount } from '../domain/billing-contract.errors.ts';
import { checkTerms } from '../domain/contract-terms.ts';
import { unknownTenantAccount } from '../domain/unknown-tenant-account.ts';
import { giveUpDefault } from './default-contract.ts';
import { findAndLockTenantAccount } from './put-tenant-account.ts';
import { linkedCurrencies } from './queries/billing-contracts.query.ts';

export interface ContractFacts {
  name: string;
  currency: string;
  startDate: string;
  endDate: string | null;
  isDefault: boolean;
}

/** What a command did: the contract, and the one that lost the default to it. */
export interface ContractOutcome {
  contract: BillingContract;
  changed: boolean;
  dethroned?: BillingContract;
}

/** @throws NoLinkedProviderAccount, UnusableField */
export async function createContract(
  em: EntityManager,
  facts: Omit<ContractFacts, 'isDefault'> & { tenantAccountId: string; isDefault?: boolean },
  { tenantId, by, now }: { tenantId: string; by: string; now: Date },
): Promise<ContractOutcome> {
  const { tenantAccountId } = facts;
  if (!(await findAndLockTenantAccount(em, tenantAccountId))) throw unknownTenantAccount(tenantAccountId);
  checkTerms(facts, await billedIn(em, tenantId, tenantAccountId));
  const isDefault = facts.isDefault ?? (await em.count(BillingContract, { tenantAccountId })) === 0;
  const dethroned = isDefault ? await giveUpDefault(em, tenantAccountId) : undefined;
  const owner = { id: randomUUID(), tenantId, createdAt: now, createdBy: by };
  const contract = em.create(BillingContract, { ...owner, ...facts, isDefault });
  await em.flush();
  return { contract, changed: true, dethroned };
}

/**
 * Changes a contract; what would change nothing is not written.
 * @throws NoLinkedProviderAccount, UnusableField
 */
export async function changeContract(
  em: EntityManager,
  contract: BillingContract,
  change: Partial<ContractFacts>,
): Promise<ContractOutcome> {
  const { tenantId, tenantAccountId, version } = contract;
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const terms = { ...contract, ...given } as ContractFacts;
  if (change.currency !== undefined || change.startDate !== undefined || change.endDate !== undefined)
    checkTerms(terms, await billedIn(em, tenantId, tenantAccountId));
  const dethroned =
    terms.isDefault && !contract.isDefault ? await giveUpDefault(em, tenantAccountId) : undefined;
  Object.assign(contract, given);
  await em.flush();
  return { contract, changed: contract.version !== version, dethroned };
}

async function billedIn(em: EntityManager, tenantId: string, tenantAccountId: string): Promise<string[]> {
  const currencies = await linkedCurrencies(TenantRows.within(em, tenantId), tenantAccountId);
  if (currencies.length === 0) throw new NoLinkedProviderAccount(tenantAccountId);
  return currencies;
}

/** @throws BillingContractNotFound */
export async function requireContract(em: EntityManager, id: string): Promise<BillingContract> {
  const contract = await em.findOne(BillingContract, { id });
  if (!contract) throw new BillingContractNotFound(id);
  return contract;
}

import { isDeepStrictEqual } from 'node:util';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { TenantAccount } from '../domain/tenant-account.entity.ts';

export interface TenantAccountFacts {
  name: string;
  domains: string[];
  emails: string[];
  taxRegId: string | null;
}

/**
 * Makes the account what it is said to be; one that is so already is not written.
 * @param allow is asked with the present version before anything is changed; it throws to refuse
 * @returns whether it is new
 */
export async function putTenantAccount(
  em: EntityManager,
  { tenantId, id, facts, now }: { tenantId: string; id: string; facts: TenantAccountFacts; now: Date },
  allow: (present: number | undefined) => void,
): Promise<boolean> {
  const account = await em.findOne(TenantAccount, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  allow(account?.version);
  if (!account) {
    em.create(TenantAccount, { tenantId, id, ...facts, createdAt: now, updatedAt: now });
    return true;
  }
  const { name, domains, emails, taxRegId = null } = account;
  if (!isDeepStrictEqual({ name, domains, emails, taxRegId }, facts))
    Object.assign(account, facts, { updatedAt: now });
  return false;
}

/** Locks a tenant account: who changes its links or contracts holds it, so that these are judged as they are. */
export function findAndLockTenantAccount(em: EntityManager, id: string): Promise<TenantAccount | null> {
  return em.findOne(TenantAccount, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}
